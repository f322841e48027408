// Writing to what takes all that it is given: a file, a pipe that somebody reads to its end.
#pragma once

#include <string_view>

namespace disksnoop {

/// False with errno. It waits as long as the other side takes; what is not to wait uses
/// system/interruptible_write.
bool write_whole(int fd, std::string_view text);

}  // namespace disksnoop
