#include "system/pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace disksnoop {

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string read_to_end(int fd) {
  std::string text;
  char part[16384];
  while (true) {
    const ssize_t count = ::read(fd, part, sizeof(part));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part, static_cast<std::size_t>(count));
  }
}

void close_all_but(int one, int other) {
  const int last = std::max(one, other);
  for (int fd = 0; fd < last; ++fd) {
    if (fd != one && fd != other) ::close(fd);
  }
  ::closefrom(last + 1);
}

}  // namespace disksnoop
