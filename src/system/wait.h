// The one place where the tool waits while it traces.
#pragma once

#include <chrono>
#include <optional>

#include "base/error.h"

namespace disksnoop {

/// What to wait for; -1 for a descriptor that is not looked at now.
struct Awaited {
  int stop = -1;      ///< readable when the tool is to end
  int source = -1;    ///< readable when there are events
  int output = -1;    ///< looked at for a reader that goes away, whatever is below
  bool room = false;  ///< whether also room in `output` is waited for
  std::optional<std::chrono::steady_clock::time_point> until = {};
};

struct Happened {
  bool stop = false;
  bool source = false;
  bool room = false;
  bool reader_gone = false;
};

/// Waits for one of these, or until the moment has passed; then nothing has happened.
Result<Happened> wait_for(const Awaited& awaited);

}  // namespace disksnoop
