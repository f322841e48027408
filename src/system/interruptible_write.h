// write(2) that cannot hold the tool up, whatever the descriptor is.
#pragma once

#include <chrono>
#include <string_view>

namespace disksnoop {

/// While it exists, calls of this thread that wait are interrupted again and
/// again: write(2) then returns what it has written, or EINTR. That poll(2) says
/// there is room is not enough: a terminal with room for a byte waits until it
/// has taken all, and another writer may fill the pipe in between. O_NONBLOCK
/// would do it too, but for all who share the descriptor: the user's terminal.
class InterruptedWaits {
 public:
  static constexpr std::chrono::milliseconds kLongest{20};  ///< that a call then waits

  InterruptedWaits();
  ~InterruptedWaits();
  InterruptedWaits(const InterruptedWaits&) = delete;
  InterruptedWaits& operator=(const InterruptedWaits&) = delete;
};

/// Writes `text`, but gives up when `fd` has taken nothing for so long. Returns
/// how much of it was written.
std::size_t write_within(int fd, std::string_view text, std::chrono::milliseconds patience);

}  // namespace disksnoop
