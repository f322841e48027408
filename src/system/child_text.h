// Text that a child process makes: of a library that may die of what it reads.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace disksnoop {

/// What `make` gives, called in a child that has nothing of this process open, stderr neither,
/// and at most so many seconds of a CPU. Error: that of `make`; the child died, and of what;
/// there is no child to be had.
Result<std::string> text_of_child(const std::function<Result<std::string>()>& make, unsigned cpu_s);

}  // namespace disksnoop
