#include "original/trace_pipe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace disksnoop {
namespace {

// The live pipe gives at most a page or two a read; a recording, all of it.
constexpr std::size_t kChunk = 256 * 1024;
constexpr std::chrono::milliseconds kPause(50);
constexpr std::size_t kMostAtEnd = 64 * 1024 * 1024;

}  // namespace

TracePipe::TracePipe(UniqueFd fd, AtEnd at_end, Dialect dialect, OriginalRowSink sink,
                     std::string_view read)
    : fd_(std::move(fd)),
      at_end_(at_end),
      has_read_(!read.empty()),
      reader_(dialect),
      sink_(std::move(sink)) {
  lines_.append(read);
}

/// read(2) to the end of the lines.
ssize_t TracePipe::read_some() {
  const std::span<char> room = lines_.room(kChunk);
  const ssize_t length = ::read(fd_.get(), room.data(), room.size());
  if (length > 0) lines_.commit(static_cast<std::size_t>(length));
  return length;
}

Result<EventSource::Drained> TracePipe::drain() {
  if (std::exchange(has_read_, false)) {
    return Drained{take_lines() ? State::kOpen : State::kEnded};
  }
  const ssize_t length = read_some();
  if (length < 0) {
    // With options/block poll(2) says there is something when there is nothing.
    if (errno == EAGAIN) return Drained{State::kAgain, kPause};
    if (errno == EINTR) return Drained{State::kOpen};
    return fail(fmt::format("cannot read the trace: {}", std::strerror(errno)));
  }
  if (length == 0) {
    if (at_end_ == AtEnd::kWaits) return Drained{State::kAgain, kPause};
    const auto line = lines_.rest();
    if (const auto row = line ? reader_.read(*line) : std::nullopt) sink_(*row);
    return Drained{State::kEnded};
  }
  return Drained{take_lines() ? State::kOpen : State::kEnded};
}

Result<bool> TracePipe::drain_rest() {
  const ssize_t length = read_some();
  if (length <= 0 || !take_lines()) return false;
  // Other programs may go on writing to it, so this has an end of its own.
  taken_at_end_ += static_cast<std::size_t>(length);
  return taken_at_end_ < kMostAtEnd;
}

bool TracePipe::take_lines() {
  while (const auto line = lines_.next()) {
    const auto row = reader_.read(*line);
    if (row && !sink_(*row)) return false;
  }
  return true;
}

}  // namespace disksnoop
