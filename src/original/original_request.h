// What a line of trace_pipe tells of a request, in the kernel's units.
#pragma once

#include "render/original_row.h"
#include "request/columns.h"

namespace disksnoop {

/// The columns that a line carries: time, type, bytes and latency.
const Columns& columns_of_a_line();

/// Absent is what a foreign line has instead of a number, and what is negative
/// where nothing can be.
Request request_of(const OriginalRow& row);

}  // namespace disksnoop
