// A recorded trace_pipe stream as a table: no kernel, no root.
#pragma once

#include "app/log.h"
#include "app/options.h"
#include "core/error.h"

namespace disksnoop {

/// Formats the file that options.replay names ("-" is stdin).
Result<void> replay(const Options& options, const Log& log);

}  // namespace disksnoop
