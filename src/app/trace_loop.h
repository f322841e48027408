// The loop: events in, rows out, until something ends it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "app/row_printer.h"
#include "base/error.h"
#include "system/event_source.h"
#include "system/signals.h"

namespace disksnoop {

/// How long the end waits for a reader that takes nothing.
struct Patience {
  std::chrono::milliseconds between_pieces{1000};  ///< since it last took something
  std::chrono::milliseconds at_least{500};         ///< since the end began
  std::chrono::milliseconds counting{200};         ///< and to count what it did not take
};

struct TraceLoop {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::function<void()> every_second;  ///< may be empty
  std::function<void()> stop_events;   ///< ends what produces events; may be empty
  /// Whether what is left is printed after a signal or the deadline.
  bool print_rest = false;
  /// Whether the header comes at once; else the source adds it when it has begun.
  bool header_first = true;
  Patience patience = {};

  /// Prints the header, and what `source` hands to the printer, until a signal,
  /// the deadline, the end of the source, the last row that was asked for, or
  /// nobody reads stdout any more. A reader that is busy has the source wait.
  /// After a signal or the deadline it gets all that is left as long as it takes
  /// some of it; what it does not take is an error, which tells how much that is.
  Result<void> run(EventSource& source, RowPrinter& printer, const StopSignals& signals) const;
};

/// The moment in `seconds` from now; none for none.
std::optional<std::chrono::steady_clock::time_point> deadline_in(std::optional<double> seconds);

}  // namespace disksnoop
