// Ctrl-C and SIGTERM: the ordinary way to end the tool, at any moment.
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"
#include "kernel/unique_fd.h"

namespace disksnoop {

/// Until StopSignals is there (while the program is compiled), SIGINT and
/// SIGTERM end the process at once with status 0: the kernel takes back what
/// a process holds. SIGPIPE is ignored; a closed pipe is seen as EPIPE.
void end_quietly_on_signals();

/// From its construction on, SIGINT and SIGTERM are events to wait for.
class StopSignals {
 public:
  static Result<StopSignals> catch_signals();

  /// Readable from the signal on, for ever.
  int fd() const { return fd_.get(); }

  enum class Wake { kReadable, kStop, kTimeout };

  /// Waits until `fd` can be read, a signal has come, or `deadline` is past.
  /// A signal that has come is seen first, also when there is data.
  Result<Wake> wait(int fd, std::optional<std::chrono::steady_clock::time_point> deadline) const;

 private:
  explicit StopSignals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace disksnoop
