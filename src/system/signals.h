// Ctrl-C, SIGTERM and SIGHUP: the ordinary way to end the tool, at any moment.
#pragma once

#include <chrono>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// Until StopSignals is there (while the program is compiled), and after it,
/// a stop signal ends the process at once: the kernel takes back what a process
/// holds. One that is ignored at the start (nohup, trap '' INT) stays so.
/// SIGPIPE and SIGXFSZ are ignored: write(2) tells of them, as EPIPE and EFBIG.
void end_at_once_on_signals();

/// The exit status of an end that a signal makes at once; 0 unless set.
void set_status_of_end_at_once(int status);

/// While it exists, the first stop signal is an event to wait for, and a second
/// one ends the process at once, whatever it is waiting for. Calls that wait
/// are interrupted (EINTR). One for a process.
class StopSignals {
 public:
  static Result<StopSignals> catch_signals();

  StopSignals(StopSignals&&) = default;
  StopSignals& operator=(StopSignals&&) = delete;
  ~StopSignals();

  /// Readable from the signal on, for ever.
  int fd() const { return fd_.get(); }

  /// Signals so close together are one: timeout(1) sends two, one of them to
  /// its process group, and so may a terminal and its shell that go away.
  static constexpr std::chrono::milliseconds kTogether{100};

 private:
  explicit StopSignals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace disksnoop
