// What is told of a trace_pipe stream beside its rows.
#pragma once

#include "app/log.h"
#include "core/table.h"
#include "core/trace_line.h"
#include "kernel/trace_pipe.h"

namespace disksnoop {

/// The original whose rows a format shows.
constexpr Dialect dialect_of(Format format) {
  return format == Format::kBcc ? Dialect::kBcc : Dialect::kSeed;
}

/// One line on foreign lines and lost events; nothing if there were none.
void report_losses(const TracePipe& source, const Log& log);

}  // namespace disksnoop
