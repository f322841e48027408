// The wall clock of rows, which is followed while nothing completes too.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "system/clock_changes.h"
#include "system/unique_fd.h"
#include "system/wall_clock.h"

namespace disksnoop {

/// A change of the clock is looked at as soon as it comes: then what was on its way is what
/// completed about then, and not all since the last row.
class FollowedClock {
 public:
  /// `events`: what is waited for beside it. Error: no descriptor for both.
  static Result<FollowedClock> beside(int events);

  /// Readable (poll(2)) when the clock has changed, or there are events.
  int fd() const { return both_.get(); }

  /// Looks at a change that has come.
  void follow() {
    if (changes_.have_come()) measure();
  }
  void measure() { clock_.measure(); }

  /// As WallClock has it; none where it does not know that.
  std::optional<WallTime> at(std::int64_t monotonic_ns) {
    return clock_.knows(monotonic_ns) ? std::optional(clock_.at(monotonic_ns)) : std::nullopt;
  }

 private:
  FollowedClock(ClockChanges changes, UniqueFd both)
      : changes_(std::move(changes)), both_(std::move(both)) {}

  WallClock clock_;
  ClockChanges changes_;
  UniqueFd both_;
};

}  // namespace disksnoop
