#include "system/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

#include "system/interruptible_write.h"
#include "system/wait.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

/// The end of a pipe that is read from: poll(2) would wait for room in it for ever.
bool is_for_reading_alone(int fd) { return (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY; }

}  // namespace

Output::Output(int fd) : fd_(fd), kind_(kind_of(fd)) {}

bool Output::is_terminal() const { return kind_ == Kind::kTerminal; }

std::size_t Output::width() const {
  constexpr std::size_t kUsual = 80;
  winsize size = {};
  if (!is_terminal() || ::ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

Output::Kind Output::kind_of(int fd) {
  struct stat status = {};
  // Of these two write(2) will tell.
  if (::fstat(fd, &status) != 0 || is_for_reading_alone(fd)) return Kind::kFile;
  if (S_ISFIFO(status.st_mode)) return Kind::kPipe;
  if (S_ISSOCK(status.st_mode)) return Kind::kSocket;
  // EIO: a terminal whose other side is gone already.
  return ::isatty(fd) != 0 || errno == EIO ? Kind::kTerminal : Kind::kFile;
}

Result<Output::State> Output::write() {
  if (is_empty()) return State::kEmpty;
  const auto state = kind_ == Kind::kFile ? write_file() : write_to_reader();
  // A part of it that is written costs more to remove than to keep.
  if (is_empty() || written_ >= kFull) {
    buffer_.erase(0, written_);
    written_ = 0;
  }
  return state;
}

Result<Output::State> Output::write_file() {
  auto state = write_piece();
  while (state && *state == State::kNoRoom) state = write_piece();
  return state;
}

Result<Output::State> Output::write_to_reader() {
  const InterruptedWaits interrupted;
  const auto begin = Clock::now();
  while (true) {
    const auto before = wait_for({.output = fd_, .room = true, .until = begin});
    if (!before) return std::unexpected(before.error());
    if (before->reader_gone) return State::kReaderGone;
    if (!before->room) return State::kNoRoom;
    auto state = write_piece();
    if (!state) {
      // EIO of a terminal, or ECONNRESET, when the reader went during the write.
      const auto after = wait_for({.output = fd_, .until = begin});
      if (after && after->reader_gone) return State::kReaderGone;
    }
    if (!state || *state != State::kNoRoom) return state;
    // It is slow, and there may be a signal.
    if (Clock::now() - begin > InterruptedWaits::kLongest) return State::kNoRoom;
  }
}

/// A file gets all at once. A pipe takes PIPE_BUF bytes wholly or not at all, so
/// what goes there in pieces of that size, cut between lines, ends with a line.
std::string_view Output::next_piece() const {
  const std::string_view text = waiting();
  if (kind_ == Kind::kFile || text.size() <= PIPE_BUF) return text;
  const std::size_t last_line = text.rfind('\n', PIPE_BUF - 1);
  return text.substr(0, last_line == std::string_view::npos ? PIPE_BUF : last_line + 1);
}

/// kNoRoom if there is more to be written.
Result<Output::State> Output::write_piece() {
  const std::string_view piece = next_piece();
  const ssize_t count = ::write(fd_, piece.data(), piece.size());
  if (count == 0 || (count < 0 && (errno == EINTR || errno == EAGAIN))) return State::kRefused;
  // A socket of datagrams tells of it nowhere else.
  if (count < 0 && (errno == EPIPE || errno == ECONNREFUSED)) return State::kReaderGone;
  if (count < 0) return fail(fmt::format("cannot write to stdout: {}", std::strerror(errno)));
  const auto taken = static_cast<std::size_t>(count);
  lines_written_ += count_lines(piece.substr(0, taken));
  bytes_written_ += count;
  written_ += taken;
  return is_empty() ? State::kEmpty : State::kNoRoom;
}

std::int64_t Output::progress() const {
  int left = 0;
  if (kind_ == Kind::kPipe) ::ioctl(fd_, FIONREAD, &left);
  if (kind_ == Kind::kSocket) ::ioctl(fd_, TIOCOUTQ, &left);
  return bytes_written_ - left;
}

Result<void> write_all(int fd, std::string_view text) {
  Output output(fd);
  output.buffer() = text;
  while (true) {
    const auto state = output.write();
    if (!state) return std::unexpected(state.error());
    if (*state == Output::State::kEmpty || *state == Output::State::kReaderGone) return {};
    Awaited awaited{.output = fd, .room = *state == Output::State::kNoRoom};
    if (!awaited.room) awaited.until = Clock::now() + InterruptedWaits::kLongest;
    if (const auto waited = wait_for(awaited); !waited) return std::unexpected(waited.error());
  }
}

}  // namespace disksnoop
