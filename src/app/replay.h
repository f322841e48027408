// A recording, formatted: a trace_pipe stream, or rows of --format=json. No kernel, no root.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "system/log.h"

namespace disksnoop {

/// Formats the file that options.replay names ("-" is stdin).
Result<void> replay(const Options& options, const Log& log);

}  // namespace disksnoop
