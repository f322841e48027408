// From what a source hands over to rows.
#pragma once

#include "app/options.h"
#include "app/request_filter.h"
#include "app/row_printer.h"
#include "original/trace_pipe.h"
#include "request/request.h"

namespace disksnoop {

/// The disksnoop.py that decides what is a row of a trace_pipe stream.
inline Dialect dialect_of(const Options& options) {
  return options.format->dialect.value_or(Dialect::kSeed);
}

/// The printer of a run, and what writes its rows.
struct Rows {
  /// Rows go to stdout. `usual`: the columns where none are asked for and the format
  /// has no rows of its own; none: those of the format.
  explicit Rows(const Options& options, const std::optional<Columns>& usual = {},
                TimeOrigin origin = {});

  RequestSink request_sink();

  /// Rows of disksnoop.py, byte for byte, where that is what was asked for. Its BYTES
  /// can be any word of a foreign stream: a terminal gets it escaped.
  OriginalRowSink original_sink();

  std::unique_ptr<RowWriter> writer;
  RowPrinter printer;
  RequestFilter filter;

 private:
  std::optional<Dialect> dialect_;  ///< whose rows they are; none: the writer's own
};

}  // namespace disksnoop
