#include "original/trace_lines.h"

#include <algorithm>

namespace disksnoop {

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
  bytes.copy(room(bytes.size()).data(), bytes.size());
  commit(bytes.size());
}

std::optional<std::string_view> TraceLines::next() {
  const std::string_view line = pending().substr(0, longest_);
  if (line.starts_with('\n')) {  // every other line
    ++start_;
    return line.substr(0, 1);
  }
  const std::size_t newline = line.find('\n');
  if (newline == std::string_view::npos && line.size() < longest_) return std::nullopt;
  const std::string_view cut =
      line.substr(0, newline == std::string_view::npos ? newline : newline + 1);
  start_ += cut.size();
  return cut;
}

std::optional<std::string_view> TraceLines::rest() {
  const std::string_view line = pending();
  if (line.empty()) return std::nullopt;
  start_ = end_;
  return line;
}

}  // namespace disksnoop
