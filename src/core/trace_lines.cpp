#include "core/trace_lines.h"

#include <algorithm>

namespace disksnoop {

std::string_view first_line(std::string_view text) {
  if (text.starts_with('\n')) return text.substr(0, 1);  // every other one
  const std::string_view line = text.substr(0, kLongestLine);
  const std::size_t newline = line.find('\n');
  if (newline != std::string_view::npos) return line.substr(0, newline + 1);
  return line.size() == kLongestLine ? line : std::string_view();
}

std::span<char> TraceLines::room(std::size_t size) {
  // What is left is most often the start of one line.
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(start_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= start_;
  start_ = 0;
  if (buffer_.size() < end_ + size) buffer_.resize(end_ + size);
  return {buffer_.data() + end_, size};
}

void TraceLines::append(std::string_view bytes) {
  std::ranges::copy(bytes, room(bytes.size()).begin());
  commit(bytes.size());
}

std::optional<std::string_view> TraceLines::next() {
  const std::string_view line = first_line(pending());
  if (line.empty()) return std::nullopt;
  start_ += line.size();
  return line;
}

std::optional<std::string_view> TraceLines::rest() {
  const std::string_view line = pending();
  if (line.empty()) return std::nullopt;
  start_ = end_;
  return line;
}

}  // namespace disksnoop
