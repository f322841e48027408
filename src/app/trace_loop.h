// The loop: events in, rows out, until something ends it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "app/row_printer.h"
#include "core/error.h"
#include "kernel/event_source.h"
#include "kernel/signals.h"

namespace disksnoop {

struct TraceLoop {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::function<void()> every_second;  ///< may be empty
  std::function<void()> stop_events;   ///< ends what produces events; may be empty
  /// Whether what is left is printed after a signal or the deadline.
  bool print_rest = false;

  /// Prints the header, and a row for each event of `source`, until a signal,
  /// the deadline, the end of the source, the last row that was asked for, or
  /// nobody reads stdout any more. Rows are written as soon as the source has
  /// nothing more at hand.
  Result<void> run(EventSource& source, RowPrinter& printer, const StopSignals& signals) const;

 private:
  enum class End { kStopped, kDone };
  Result<End> print_rows(EventSource& source, const EventSink& sink, RowPrinter& printer,
                         const StopSignals& signals) const;
};

/// The moment in `seconds` from now; none for none.
std::optional<std::chrono::steady_clock::time_point> deadline_in(std::optional<double> seconds);

}  // namespace disksnoop
