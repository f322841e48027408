// What is told of a trace_pipe stream beside its rows.
#pragma once

#include "original/trace_line.h"
#include "render/table.h"
#include "system/log.h"

namespace disksnoop {

/// The original whose rows a format shows.
constexpr Dialect dialect_of(Format format) {
  return format == Format::kBcc ? Dialect::kBcc : Dialect::kSeed;
}

/// One line on what the stream held beside rows; nothing if that is nothing.
void report_losses(const StreamCounts& counts, const Log& log);

}  // namespace disksnoop
