// What becomes of the requests that the tracepoint engine's program hands over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/program_room.h"
#include "app/row_printer.h"
#include "base/error.h"
#include "program/bcc_session.h"
#include "request/operation.h"
#include "system/log.h"
#include "tracepoint/program_config.h"
#include "tracepoint/tracepoint_source.h"

namespace disksnoop {

/// The program that was loaded, and what it was made for.
struct TracedProgram {
  BccSession& session;
  const ProgramConfig& config;
  const OperationTable& operations;
  const ProgramRoom& room;
};

class TracepointOutcome {
 public:
  virtual ~TracepointOutcome() = default;

  virtual RowPrinter& printer() = 0;
  /// Before anything is attached. What libbcc and the verifier print is added to `messages`.
  virtual Result<std::unique_ptr<TracepointSource>> open_source(const TracedProgram& program,
                                                                std::string& messages) = 0;
  /// The directories in which files are renewed: descriptors that stay open.
  virtual std::vector<int> renewed_directories() const = 0;
  /// Starts threads, if any: when all is attached. Error: an address is another's by now.
  virtual Result<void> start() = 0;
  /// How much was handed over, and what was not.
  virtual std::string describe(const Losses& losses) = 0;
  /// Whether at the end all that is left is handed over.
  virtual bool wants_rest() const = 0;
  /// Whether every_second() has something to do.
  virtual bool has_seconds() const = 0;
  virtual void every_second(TracepointSource& source) = 0;
  /// When nothing is handed over any more.
  virtual Result<void> finish(TracepointSource& source) = 0;
};

/// Rows, or a summary, or metrics alone, or metrics beside one of them. Error: a file that is
/// asked for cannot be written, or an address not listened on.
Result<std::unique_ptr<TracepointOutcome>> make_outcome(const Options& options, const Log& log);

}  // namespace disksnoop
