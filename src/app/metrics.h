// Metrics of what is traced: what the program counts, summed up since the start, to a file and
// over HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "request/request_totals.h"
#include "system/background_file.h"
#include "system/log.h"
#include "system/metrics_server.h"
#include "tracepoint/line_reader.h"
#include "tracepoint/tracepoint_source.h"

namespace disksnoop {

class Metrics {
 public:
  /// Error: the file cannot be written, or the address not listened on.
  static Result<std::unique_ptr<Metrics>> open(const Options& options, const Log& log);

  /// The directory of the file, if there is one: a descriptor that stays open. Before start().
  std::vector<int> renewed_directories() const;
  /// Starts the threads that write and serve: when this process has given up its rights, which each
  /// thread has for itself. Error: the address is another's by now.
  Result<void> start();

  /// From now on what `lines` counted is taken each second; else take() has to be given it.
  void read(LineReader lines);
  /// Takes the path of a cgroup, for read()'s lines.
  void add_path(std::span<const std::byte> record);
  /// Takes what completed since the last time.
  void take(const Summary& summary);

  /// To be called each second.
  void every_second(TracepointSource& source);
  /// After the last request. Error: the file was not written.
  Result<void> finish(TracepointSource& source);

 private:
  using Clock = std::chrono::steady_clock;

  Metrics(const Options& options, const Log& log);

  void take_lines();
  Result<void> take_rest(TracepointSource& source);
  /// The metrics as they are now.
  std::vector<prometheus::MetricFamily> families(TracepointSource& source);
  /// Of what was lost so far, by cause.
  std::vector<std::pair<std::string, std::uint64_t>> lost(const TracepointSource& source);
  void end_disks_that_are_gone();
  void tell_what_went_wrong();

  RequestTotals totals_;
  Log log_;
  std::optional<ListenAddress> address_;
  std::unique_ptr<MetricsServer> server_;
  std::optional<AtomicFile> path_;
  std::optional<BackgroundFile> file_;
  std::chrono::nanoseconds write_every_;
  Clock::time_point write_next_ = Clock::now();
  std::optional<LineReader> lines_;
  std::optional<std::size_t> switched_set_;  ///< of lines_, that is taken next
  Clock::time_point switched_;
  std::map<std::string, std::uint64_t> lost_;  ///< the most that was told
  bool told_of_file_ = false;                  ///< that it cannot be written
  bool told_of_limit_ = false;
};

}  // namespace disksnoop
