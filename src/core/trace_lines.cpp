#include "core/trace_lines.h"

namespace disksnoop {

void TraceLines::append(std::string_view bytes) {
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_.append(bytes);
}

std::optional<std::string_view> TraceLines::next() {
  const std::string_view pending = std::string_view(buffer_).substr(start_);
  const std::size_t newline = pending.substr(0, kLongestLine).find('\n');
  std::size_t length = newline + 1;
  if (newline == std::string_view::npos) {
    if (pending.size() < kLongestLine) return std::nullopt;
    length = kLongestLine;
  }
  start_ += length;
  return pending.substr(0, length);
}

std::optional<std::string_view> TraceLines::rest() {
  if (start_ == buffer_.size()) return std::nullopt;
  const std::string_view line = std::string_view(buffer_).substr(start_);
  start_ = buffer_.size();
  return line;
}

}  // namespace disksnoop
