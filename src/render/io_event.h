// One completed I/O, as both engines hand it to the table.
#pragma once

#include <functional>
#include <string_view>

namespace disksnoop {

struct IoEvent {
  double time_s = 0;       ///< completion, seconds on the kernel's trace clock
  double elapsed_s = 0;    ///< seconds since the first row
  std::string_view bytes;  ///< size of the request in bytes, as decimal text
  bool write = false;      ///< bit 0 of cmd_flags: REQ_OP_WRITE and the other writes
  double latency_ms = 0;   ///< from issue to completion
};

/// Takes one event; false means that no more are wanted.
using EventSink = std::function<bool(const IoEvent&)>;

}  // namespace disksnoop
