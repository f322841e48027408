// A recorded trace_pipe stream as a table: no kernel, no root.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "system/log.h"

namespace disksnoop {

/// Formats the file that options.replay names ("-" is stdin).
Result<void> replay(const Options& options, const Log& log);

}  // namespace disksnoop
