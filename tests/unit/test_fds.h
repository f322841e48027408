// File descriptors for tests: pipes, and what comes out of them.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kernel/unique_fd.h"

namespace disksnoop {

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

inline Pipe make_pipe(int flags = O_CLOEXEC) {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), flags) != 0) throw std::runtime_error("no pipe");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

inline void write_text(const UniqueFd& fd, std::string_view text) {
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("cannot write to a pipe");
  }
}

/// Reads until the end of file.
inline std::string read_to_end(const UniqueFd& fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t length = 0;
  while ((length = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  return text;
}

}  // namespace disksnoop
