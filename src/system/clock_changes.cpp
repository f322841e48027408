#include "system/clock_changes.h"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <limits>

namespace disksnoop {

Result<ClockChanges> ClockChanges::watch() {
  // It never ends, but the kernel cancels it: also after a sleep (timekeeping_resume() in
  // kernel/time/timekeeping.c).
  UniqueFd timer(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  const itimerspec never = {.it_interval = {},
                            .it_value = {std::numeric_limits<std::time_t>::max(), 0}};
  if (!timer || ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
                                  nullptr) != 0) {
    return fail(fmt::format("cannot set a timer: {}", std::strerror(errno)));
  }
  return ClockChanges(std::move(timer));
}

bool ClockChanges::have_come() const {
  std::uint64_t times = 0;
  return ::read(timer_.get(), &times, sizeof(times)) < 0 && errno == ECANCELED;
}

}  // namespace disksnoop
