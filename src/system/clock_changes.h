// When the wall clock has been set, and when the machine has slept.
#pragma once

#include <utility>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

class ClockChanges {
 public:
  /// Error: no timer can be had.
  static Result<ClockChanges> watch();

  /// Readable (poll(2)) when there was one.
  int fd() const { return timer_.get(); }

  /// Whether there was one since the last time that this was asked.
  bool have_come() const;

 private:
  explicit ClockChanges(UniqueFd timer) : timer_(std::move(timer)) {}
  UniqueFd timer_;
};

}  // namespace disksnoop
