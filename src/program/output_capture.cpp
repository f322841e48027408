#include "program/output_capture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "program/memory_file.h"

namespace disksnoop {
namespace {

/// What the process has buffered belongs to where it was written so far.
void flush_standard_streams() {
  std::fflush(stdout);
  std::fflush(stderr);
  std::cout.flush();
  std::cerr.flush();
}

std::unexpected<Error> cannot_hold_back() {
  return fail(fmt::format("cannot hold back libbcc's messages: {}", std::strerror(errno)));
}

}  // namespace

Result<OutputCapture> OutputCapture::start() {
  flush_standard_streams();
  auto memory = make_memory_file("libbcc output");
  if (!memory) return std::unexpected(memory.error());
  UniqueFd out(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  UniqueFd err(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!out || !err) return cannot_hold_back();
  // From here on its end gives back what was taken.
  OutputCapture capture(std::move(*memory), std::move(out), std::move(err));
  if (::dup2(capture.memory_.get(), STDOUT_FILENO) < 0 ||
      ::dup2(capture.memory_.get(), STDERR_FILENO) < 0) {
    return cannot_hold_back();
  }
  return capture;
}

OutputCapture::~OutputCapture() {
  if (saved_stdout_) stop();
}

std::string OutputCapture::stop() {
  flush_standard_streams();
  ::dup2(saved_stdout_.get(), STDOUT_FILENO);
  ::dup2(saved_stderr_.get(), STDERR_FILENO);
  saved_stdout_ = UniqueFd();
  saved_stderr_ = UniqueFd();

  std::string text;
  std::array<char, 4096> buffer;
  off_t offset = 0;
  ssize_t length = 0;
  while ((length = ::pread(memory_.get(), buffer.data(), buffer.size(), offset)) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(length));
    offset += length;
  }
  return text;
}

}  // namespace disksnoop
