// What is told of a trace_pipe stream beside its rows.
#pragma once

#include "original/trace_line.h"
#include "system/log.h"

namespace disksnoop {

/// One line on what the stream held beside rows; nothing if that is nothing.
void report_losses(const StreamCounts& counts, const Log& log);

}  // namespace disksnoop
