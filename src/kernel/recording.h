// Events from a recorded stream in a file.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/trace_line.h"
#include "kernel/event_source.h"
#include "kernel/unique_fd.h"

namespace disksnoop {

/// Reads the file where the kernel has it in memory (mmap(2)), as it is when it
/// is opened. A file that is cut meanwhile ends the process, with an error.
class Recording final : public EventSource {
 public:
  /// Nothing where the file is no regular one, is empty, or cannot be mapped;
  /// then `fd` is still the caller's.
  static std::unique_ptr<Recording> map(UniqueFd& fd, Dialect dialect);

  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording() override;

  int fd() const override { return fd_.get(); }  // that of a file is always readable
  Result<Drained> drain(const EventSink& sink) override;
  Result<void> drain_rest(const EventSink&) override { return {}; }

  const StreamCounts& counts() const { return reader_.counts(); }

 private:
  Recording(UniqueFd fd, std::string_view text, Dialect dialect);
  void forget(std::size_t begin, std::size_t end);

  UniqueFd fd_;
  std::string_view text_;
  std::size_t taken_ = 0;  // bytes of it
  TraceReader reader_;
};

}  // namespace disksnoop
