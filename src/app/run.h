// What the command line asked for, carried out.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "system/log.h"

namespace disksnoop {

/// Runs until the end that the options set, or until Ctrl-C.
Result<void> run(const Options& options, const Log& log);

}  // namespace disksnoop
