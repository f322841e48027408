// Rows on their way to stdout.
#pragma once

#include <string>

#include "core/error.h"

namespace disksnoop {

/// Collects text and writes it to a file descriptor in as few calls as
/// possible; whole lines, as the caller only adds whole lines.
class Output {
 public:
  /// `stop_fd` becomes readable when the tool is to end (see StopSignals);
  /// from then on nothing is written that would have to wait. -1 for none.
  explicit Output(int fd, int stop_fd = -1);

  /// Where rows are added.
  std::string& buffer() { return buffer_; }

  /// Writes the buffer if it has grown large. See flush().
  Result<bool> flush_if_large() { return buffer_.size() < kLarge ? true : flush(); }

  /// Writes all of the buffer. False at the end that is no error: the reader
  /// of a pipe has gone away, or the tool is to end and the reader takes
  /// nothing. Error: anything else, a full disk above all.
  Result<bool> flush();

  bool is_terminal() const;

  /// Whether the tool ended before all could be written.
  bool cut_short() const { return cut_short_; }

 private:
  static constexpr std::size_t kLarge = 64 * 1024;
  /// Waits until `fd_` takes more; false if the tool is to end instead.
  bool wait_for_reader() const;

  int fd_;
  int stop_fd_;
  std::size_t most_at_once_;  ///< bytes that a write(2) takes without waiting
  bool cut_short_ = false;
  std::string buffer_;
};

}  // namespace disksnoop
