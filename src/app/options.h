// The command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "program/probe_plan.h"
#include "program/program_headers.h"
#include "render/format.h"
#include "request/query.h"
#include "system/listen_address.h"
#include "tracepoint/buffer_size.h"

namespace disksnoop {

/// A summary in place of rows.
struct SummaryOptions {
  bool asked = false;           ///< by any of its options
  std::optional<Columns> keys;  ///< that were asked for; none: the usual ones
  std::optional<double> interval_s;
  std::size_t top = 20;
  bool distributions = false;
  std::optional<std::string> heat_map;  ///< the file
};

/// Metrics for Prometheus.
struct MetricsOptions {
  std::optional<std::string> file;
  std::optional<ListenAddress> listen;
  Columns labels = {};  ///< of their series; none are asked for: empty

  bool asked() const { return file || listen; }
};

/// Whether devices that have no requests are traced where no disk is asked for.
enum class Layer { kRequest, kBio };

struct Options {
  std::optional<Engine> engine;   ///< none: chosen by what the kernel can do
  std::string engine_chosen_for;  ///< what needs it, where none was asked for
  Headers headers = Headers::kAuto;
  const Format* format = &formats().front();
  std::optional<Columns> columns;             ///< that were asked for; none: those of the format
  std::optional<std::uint64_t> buffer_bytes;  ///< none: as the machine needs it
  std::chrono::milliseconds max_delay{100};   ///< how late a row may be
  Layer layer = Layer::kRequest;
  Filter filter;  ///< of the requests
  SummaryOptions summary;
  MetricsOptions metrics;
  bool rows = true;                    ///< false: a summary, or metrics alone
  std::optional<double> duration_s;    ///< stop by itself
  std::optional<std::uint64_t> count;  ///< stop after so many rows, or tables of a summary
  std::optional<std::string> replay;   ///< a recorded stream; "-" is stdin
  bool sandbox = true;                 ///< no right is kept while it traces
  bool print_bpf = false;
  bool check = false;  ///< tell what works here
  bool verbose = false;
};

/// What the options ask of the trace.
Query query_of(const Options& options);

/// What the command line asks for: a run, or a text (help, version, or what
/// is wrong with it, as a message) and the exit status that goes with it. Of a
/// run, all rules between options are kept (option_rules.h).
struct CommandLine {
  std::optional<Options> options;
  std::string text;
  int status = 0;
};

CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace disksnoop
