// What the command line asked for, carried out.
#pragma once

#include "app/log.h"
#include "app/options.h"
#include "core/error.h"

namespace disksnoop {

/// Runs until the end that the options set, or until Ctrl-C.
Result<void> run(const Options& options, const Log& log);

}  // namespace disksnoop
