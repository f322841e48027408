#include "kernel/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <limits>
#include <string_view>

namespace disksnoop {

namespace {

/// After poll(2) has said so, a pipe, a socket or a terminal takes PIPE_BUF
/// bytes without waiting; a file, and a device like /dev/null, takes all.
std::size_t most_at_once(int fd) {
  struct stat status = {};
  const bool takes_all = ::fstat(fd, &status) == 0 &&
                         (S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && !::isatty(fd)));
  return takes_all ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
}

}  // namespace

Output::Output(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd), most_at_once_(most_at_once(fd)) {}

bool Output::is_terminal() const { return ::isatty(fd_) != 0; }

bool Output::wait_for_reader() const {
  while (true) {
    pollfd fds[] = {{fd_, POLLOUT, 0}, {stop_fd_, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return true;  // write(2) will tell
    if (fds[0].revents != 0) return true;
    if (fds[1].revents != 0) return false;
  }
}

Result<bool> Output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    if (!wait_for_reader()) {
      cut_short_ = true;
      buffer_.clear();
      return false;
    }
    const ssize_t written = ::write(fd_, left.data(), std::min(left.size(), most_at_once_));
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR || errno == EAGAIN) continue;
    const int error = errno;
    buffer_.clear();
    if (error == EPIPE) return false;
    return fail(fmt::format("cannot write to stdout: {}", std::strerror(error)));
  }
  buffer_.clear();
  return true;
}

}  // namespace disksnoop
