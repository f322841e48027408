#include "kernel/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace disksnoop {

Result<bool> Output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {  // a non-blocking pipe or terminal that somebody shares with us
      pollfd writable = {fd_, POLLOUT, 0};
      ::poll(&writable, 1, -1);
      continue;
    }
    const int error = errno;
    buffer_.clear();
    if (error == EPIPE) return false;
    return fail(fmt::format("cannot write to stdout: {}", std::strerror(error)));
  }
  buffer_.clear();
  return true;
}

}  // namespace disksnoop
