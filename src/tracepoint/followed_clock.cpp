#include "tracepoint/followed_clock.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace disksnoop {

Result<FollowedClock> FollowedClock::beside(int events) {
  auto changes = ClockChanges::watch();
  if (!changes) return std::unexpected(changes.error());
  UniqueFd both(::epoll_create1(EPOLL_CLOEXEC));
  for (const int fd : {events, changes->fd()}) {
    epoll_event event = {.events = EPOLLIN, .data = {}};
    if (!both || ::epoll_ctl(both.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      return fail(fmt::format("cannot wait for events: {}", std::strerror(errno)));
    }
  }
  return FollowedClock(std::move(*changes), std::move(both));
}

}  // namespace disksnoop
