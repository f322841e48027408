// A file that lies in memory and has no name.
#pragma once

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// An empty one, for reading and writing; `name` is what /proc shows. Another
/// process of the same user reaches it as little as the memory of this one:
/// by /proc/PID/fd, as far as it may trace this process (proc(5)).
Result<UniqueFd> make_memory_file(const char* name);

}  // namespace disksnoop
