// Events from trace_pipe, or from a recording of it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string_view>

#include "original/trace_line.h"
#include "original/trace_lines.h"
#include "system/event_source.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// Takes a row; false means that no more are wanted.
using OriginalRowSink = std::function<bool(const OriginalRow&)>;

class TracePipe final : public EventSource {
 public:
  /// What an end of file means: the end of a recording, or (the live
  /// trace_pipe, when tracing is switched off) a pause.
  enum class AtEnd { kEnds, kWaits };

  /// `read`: what has been read from `fd` already.
  TracePipe(UniqueFd fd, AtEnd at_end, Dialect dialect, OriginalRowSink sink,
            std::string_view read = {});

  int fd() const override { return fd_.get(); }
  Result<Drained> drain() override;
  Result<bool> drain_rest() override;

  const StreamCounts& counts() const { return reader_.counts(); }

 private:
  ssize_t read_some();
  bool take_lines();

  UniqueFd fd_;
  AtEnd at_end_;
  bool has_read_;  ///< lines that nobody has taken yet
  TraceLines lines_;
  TraceReader reader_;
  OriginalRowSink sink_;
  std::size_t taken_at_end_ = 0;  ///< bytes, by drain_rest()
};

}  // namespace disksnoop
