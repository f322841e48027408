// --check: what works here, and what is missing.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "system/log.h"

namespace disksnoop {

/// Prints it, and traces nothing. Error: why a plain disksnoop does not work here, in its words;
/// what was printed says more.
Result<void> check(const Options& options, const Log& log);

}  // namespace disksnoop
