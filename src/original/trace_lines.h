// The bytes of trace_pipe, cut into the lines that disksnoop.py sees.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace disksnoop {

/// Collects what was read and gives it back line by line. A line that is not
/// complete yet waits for the next read. As bcc reads with readline(1024), a
/// longer line comes in pieces of 1024 bytes, each a line of its own.
class TraceLines {
 public:
  static constexpr std::size_t kLongestLine = 1024;

  /// For lines that come in pieces of `longest` bytes.
  explicit TraceLines(std::size_t longest = kLongestLine) : longest_(longest) {}

  /// Room for `size` bytes to be read into. What is put there counts only
  /// after commit().
  std::span<char> room(std::size_t size);
  void commit(std::size_t size) { end_ += size; }

  void append(std::string_view bytes);

  /// The next line, with its newline; valid until the next call of room() or
  /// append().
  std::optional<std::string_view> next();

  /// What is left at the end of the stream: a last line without a newline.
  std::optional<std::string_view> rest();

 private:
  std::string_view pending() const { return {buffer_.data() + start_, end_ - start_}; }

  std::size_t longest_;
  std::vector<char> buffer_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};

}  // namespace disksnoop
