// File descriptors for tests: pipes, and what comes out of them.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>  // posix_openpt
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "system/unique_fd.h"

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

/// A socket each way; `writer` is the near end.
inline Pipe make_socket() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    throw std::runtime_error("no socket");
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// A pseudo-terminal: what is written to `writer`, as programs do, is read from
/// `reader`, as a terminal emulator does; with "\n" as it is.
inline Pipe make_terminal() {
  Pipe pty;
  pty.reader = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pty.reader || ::grantpt(pty.reader.get()) != 0 || ::unlockpt(pty.reader.get()) != 0) {
    throw std::runtime_error("no terminal");
  }
  pty.writer = UniqueFd(::open(::ptsname(pty.reader.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  termios modes = {};
  if (::tcgetattr(pty.writer.get(), &modes) != 0) throw std::runtime_error("no terminal");
  ::cfmakeraw(&modes);
  ::tcsetattr(pty.writer.get(), TCSANOW, &modes);
  return pty;
}

/// Writes until there is no room, without waiting for a reader.
inline void fill(const UniqueFd& fd) {
  const int flags = ::fcntl(fd.get(), F_GETFL);
  ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK);
  const auto write_all_of = [&fd](std::size_t part) {
    const std::string text(part, 'x');
    std::size_t size = 0;
    for (ssize_t count = 0; count >= 0; size += static_cast<std::size_t>(count)) {
      count = ::write(fd.get(), text.data(), part);
      if (count < 0) return size;
    }
    return size;
  };
  // The last bytes one by one: a terminal takes a part. It moves what it took
  // on a little later, and then has room again.
  while (write_all_of(4096) + write_all_of(1) > 0) ::poll(nullptr, 0, 20);
  ::fcntl(fd.get(), F_SETFL, flags);
}

/// Reads so many bytes, waiting for them.
inline std::string read_bytes(const UniqueFd& fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(fd.get(), text.data() + done, size - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
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
