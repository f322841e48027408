// Rows on their way to stdout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

/// A queue of lines in front of a file descriptor. It never waits: it is asked
/// to write what the descriptor takes now. Its owner adds whole lines, stops
/// adding when it is full, and waits.
class Output {
 public:
  explicit Output(int fd);

  int fd() const { return fd_; }

  /// Where lines are added, at the end.
  std::string& buffer() { return buffer_; }

  /// Whether nothing should be added before something was written.
  bool is_full() const { return waiting().size() >= kFull; }
  bool is_empty() const { return waiting().empty(); }

  enum class State {
    kEmpty,       ///< all is written
    kNoRoom,      ///< wait for room
    kRefused,     ///< there seemed to be room, but not enough: not at once again
    kReaderGone,  ///< an end that is no error
  };
  /// Writes what is taken without waiting, into a pipe whole lines at a time.
  /// Error: anything but a reader that has gone away, a full disk above all.
  Result<State> write();

  bool is_terminal() const;
  /// How many characters a line of the terminal has, at this moment; 80 where it is none or
  /// does not tell.
  std::size_t width() const;

  /// Lines that were taken whole.
  std::uint64_t lines_written() const { return lines_written_; }

  /// Grows when the reader takes something; where nothing says how much it has
  /// left (a terminal), when something is written.
  std::int64_t progress() const;

 private:
  static constexpr std::size_t kFull = 128 * 1024;
  /// A device such as /dev/null is as a file: it takes all.
  enum class Kind { kFile, kPipe, kSocket, kTerminal };
  static Kind kind_of(int fd);

  std::string_view waiting() const { return std::string_view(buffer_).substr(written_); }
  std::string_view next_piece() const;
  Result<State> write_file();
  Result<State> write_to_reader();
  Result<State> write_piece();

  int fd_;
  Kind kind_;
  std::string buffer_;
  std::size_t written_ = 0;  ///< bytes of buffer_ that are written already
  std::int64_t bytes_written_ = 0;
  std::uint64_t lines_written_ = 0;
};

/// Writes all of `text`, waiting as long as it takes. A reader that goes away
/// is no error.
Result<void> write_all(int fd, std::string_view text);

}  // namespace disksnoop
