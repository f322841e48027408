// Where events come from, whatever the engine.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/error.h"

namespace disksnoop {

/// A source hands its events to a sink that it has from the beginning, each kind
/// of source its own kind of event: who waits for it need not know which.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// Readable (poll(2)) when there may be events.
  virtual int fd() const = 0;

  enum class State {
    kOpen,   ///< wait for fd() and drain again, after the pause at the latest if there is one
    kAgain,  ///< do not wait for fd(), but drain again after a pause
    kEnded,  ///< nothing will come any more, or the sink wants no more
  };
  struct Drained {
    State state;
    std::chrono::milliseconds pause{0};
  };

  /// Hands over what is there now, without waiting, and no more than is
  /// good before rows are written and signals looked at.
  virtual Result<Drained> drain() = 0;

  /// At the end, when nothing more is produced: hands over a piece of what is
  /// left, no more than is good before rows are written. False when that was
  /// the last, or the sink wants no more; else it is to be called again.
  virtual Result<bool> drain_rest() = 0;
};

}  // namespace disksnoop
