#include "app/recording.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace disksnoop {
namespace {

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kMostBlanks = 64 * 1024;  // at the beginning of a line
constexpr std::chrono::milliseconds kPause(50);

}  // namespace

RecordingKind kind_of_recording(std::string_view text) {
  // No line of trace_pipe begins so: rows after the end of a cut one, or after a message.
  if (text.contains("\n{\"")) return RecordingKind::kRows;
  const auto first = std::ranges::find_if_not(text, is_ascii_space);
  if (first == text.end()) return RecordingKind::kNothing;
  const bool begins_line = first == text.begin() || first[-1] == '\n';
  return begins_line && *first == '{' ? RecordingKind::kRows : RecordingKind::kStream;
}

Result<EventSource::Drained> Recording::drain() {
  if (source_) return source_->drain();
  std::array<char, kChunk> chunk;
  const ssize_t length = ::read(fd_.get(), chunk.data(), chunk.size());
  if (length < 0) {
    if (errno == EAGAIN) return Drained{State::kAgain, kPause};
    if (errno == EINTR) return Drained{State::kOpen};
    return fail(fmt::format("cannot read the recording: {}", std::strerror(errno)));
  }
  read_.append(chunk.data(), static_cast<std::size_t>(length));
  RecordingKind kind = kind_of_recording(read_);
  if (kind == RecordingKind::kNothing && length > 0) {
    read_.erase(0, read_.rfind('\n') + 1);  // blank lines say nothing
    if (read_.size() < kMostBlanks) return Drained{State::kOpen};
    kind = RecordingKind::kStream;  // no row begins so late in its line
  }
  auto source = open_(kind, std::move(fd_), read_);
  if (!source) return std::unexpected(source.error());
  source_ = std::move(*source);
  read_.clear();
  return source_->drain();
}

}  // namespace disksnoop
