#include "system/write_whole.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace disksnoop {

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t length = ::write(fd, text.data(), text.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

}  // namespace disksnoop
