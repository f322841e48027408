#include "system/signals.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "system/progress_line.h"

namespace disksnoop {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};

// What the handler sees; there is one for the whole process.
std::atomic<int> stop_fd = -1;                // -1: a stop signal ends the process at once
std::atomic<std::int64_t> first_stop_ns = 0;  // 0 before it
std::atomic<int> end_status = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t now_ns() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] void end_at_once() {
  erase_progress_line();
  ::_exit(end_status);
}

/// Calls nothing that is not safe in a handler: signal-safety(7).
void stop(int /*signal*/) {
  const int saved_errno = errno;
  const std::int64_t now = now_ns();
  if (stop_fd < 0) end_at_once();
  if (first_stop_ns == 0) first_stop_ns = now;
  if (now - first_stop_ns > std::chrono::nanoseconds(StopSignals::kTogether).count()) {
    end_at_once();
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_fd, &one, sizeof(one));
  errno = saved_errno;
}

/// Also where the parent has blocked them.
void handle_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = stop;  // without SA_RESTART: calls that wait are to end
  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal : kStopSignals) {
    struct sigaction before = {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaddset(&handled, signal);
    sigaddset(&action.sa_mask, signal);
  }
  for (const int signal : kStopSignals) {
    if (sigismember(&handled, signal) == 1) ::sigaction(signal, &action, nullptr);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &handled, nullptr);
}

}  // namespace

void end_at_once_on_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  handle_stop_signals();
}

void set_status_of_end_at_once(int status) { end_status = status; }

Result<StopSignals> StopSignals::catch_signals() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return fail(fmt::format("cannot wait for signals: {}", std::strerror(errno)));
  first_stop_ns = 0;
  stop_fd = fd.get();
  handle_stop_signals();
  return StopSignals(std::move(fd));
}

StopSignals::~StopSignals() {
  if (fd_) stop_fd = -1;
}

}  // namespace disksnoop
