// Where events come from, whatever the engine.
#pragma once

#include <cstdint>

#include "core/error.h"
#include "core/io_event.h"

namespace disksnoop {

class EventSource {
 public:
  virtual ~EventSource() = default;

  /// Readable (poll(2)) when there may be events.
  virtual int fd() const = 0;

  enum class State {
    kOpen,   ///< wait for fd() and drain again
    kIdle,   ///< fd() is readable although there is nothing: wait a little
    kEnded,  ///< nothing will come any more, or the sink wants no more
  };

  /// Hands what is there now to `sink`, without waiting, and no more than is
  /// good before rows are written and signals looked at.
  virtual Result<State> drain(const EventSink& sink) = 0;
};

}  // namespace disksnoop
