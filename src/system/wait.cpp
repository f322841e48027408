#include "system/wait.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;

/// poll(2)'s timeout: rounded up, so that it does not wake before the moment.
int milliseconds_until(std::optional<Clock::time_point> moment) {
  if (!moment) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*moment - Clock::now());
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
}

}  // namespace

Result<Happened> wait_for(const Awaited& awaited) {
  while (true) {
    // An end of a pipe, a socket and a terminal that nobody reads any more say
    // POLLERR or POLLHUP, whatever is asked for.
    pollfd fds[] = {{awaited.stop, POLLIN, 0},
                    {awaited.source, POLLIN, 0},
                    {awaited.output, static_cast<short>(awaited.room ? POLLOUT : 0), 0}};
    const int ready = ::poll(fds, 3, milliseconds_until(awaited.until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail(fmt::format("cannot wait for events: {}", std::strerror(errno)));
    if (ready == 0 && awaited.until && Clock::now() < *awaited.until) continue;
    return Happened{.stop = fds[0].revents != 0,
                    .source = fds[1].revents != 0,
                    .room = (fds[2].revents & POLLOUT) != 0,
                    .reader_gone = (fds[2].revents & (POLLERR | POLLHUP)) != 0};
  }
}

}  // namespace disksnoop
