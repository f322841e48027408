// The loop: events in, rows out, until something ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/error.h"
#include "core/table.h"
#include "kernel/event_source.h"
#include "kernel/output.h"
#include "kernel/signals.h"

namespace disksnoop {

struct TraceLimits {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::optional<std::uint64_t> rows;
};

/// Prints a row for each event until a limit is reached, SIGINT or SIGTERM
/// comes, the source ends, or the reader of stdout goes away. Rows are written
/// as soon as the source has nothing more at hand.
Result<void> print_rows(EventSource& source, const StopSignals& signals, Output& output,
                        Format format, TraceLimits limits);

}  // namespace disksnoop
