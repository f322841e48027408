// What is told of a trace_pipe stream beside its rows.
#pragma once

#include "app/log.h"
#include "core/table.h"
#include "core/trace_line.h"

namespace disksnoop {

/// The original whose rows a format shows.
constexpr Dialect dialect_of(Format format) {
  return format == Format::kBcc ? Dialect::kBcc : Dialect::kSeed;
}

/// One line on what the stream held beside rows; nothing if that is nothing.
void report_losses(const StreamCounts& counts, const Log& log);

}  // namespace disksnoop
