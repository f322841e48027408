// Rows on their way to stdout.
#pragma once

#include <string>

#include "core/error.h"

namespace disksnoop {

/// Collects text and writes it to a file descriptor in as few calls as
/// possible; whole lines, as the caller only adds whole lines.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  /// Where rows are added.
  std::string& buffer() { return buffer_; }

  /// Writes the buffer if it has grown large. See flush().
  Result<bool> flush_if_large() { return buffer_.size() < kLarge ? true : flush(); }

  /// Writes all of the buffer. False if the reader of a pipe has gone away:
  /// the end, but no error. Error: anything else, a full disk above all.
  Result<bool> flush();

 private:
  static constexpr std::size_t kLarge = 64 * 1024;
  int fd_;
  std::string buffer_;
};

}  // namespace disksnoop
