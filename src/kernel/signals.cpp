#include "kernel/signals.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace disksnoop {
namespace {

void end_at_once(int) { ::_exit(0); }

/// poll(2)'s timeout: rounded up, so that it does not wake before the deadline.
int milliseconds_until(std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!deadline) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
}

}  // namespace

void end_quietly_on_signals() {
  struct sigaction action = {};
  action.sa_handler = end_at_once;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

Result<StopSignals> StopSignals::catch_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return fail(fmt::format("cannot block signals: {}", std::strerror(errno)));
  }
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail(fmt::format("cannot wait for signals: {}", std::strerror(errno)));
  return StopSignals(std::move(fd));
}

Result<StopSignals::Wake> StopSignals::wait(
    int fd, std::optional<std::chrono::steady_clock::time_point> deadline) const {
  while (true) {
    pollfd fds[] = {{fd_.get(), POLLIN, 0}, {fd, POLLIN, 0}};
    const int timeout_ms = milliseconds_until(deadline);
    const int ready = ::poll(fds, 2, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail(fmt::format("cannot wait for events: {}", std::strerror(errno)));
    if (fds[0].revents != 0) return Wake::kStop;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return Wake::kTimeout;
    if (fds[1].revents != 0) return Wake::kReadable;
  }
}

}  // namespace disksnoop
