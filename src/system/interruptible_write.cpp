#include "system/interruptible_write.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;

/// A timer that sends its thread a signal which does nothing. SIGALRM and the
/// interval timer stay with the user, whose alarm(2) outlives execve(2).
class Timer {
 public:
  Timer() {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGRTMIN, &action, nullptr);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGRTMIN);
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGRTMIN;
    event._sigev_un._tid = ::gettid();  // glibc has no name for it before 2.38
    exists_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
  }
  ~Timer() {
    if (exists_) ::timer_delete(timer_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// From then on every so often; zero for no more.
  void every(std::chrono::nanoseconds time) const {
    const timespec part = {0, time.count()};
    const itimerspec times = {part, part};
    if (exists_) ::timer_settime(timer_, 0, &times, nullptr);
  }

 private:
  timer_t timer_ = {};
  bool exists_ = false;
};

Timer& timer_of_this_thread() {
  static thread_local Timer timer;
  return timer;
}

}  // namespace

InterruptedWaits::InterruptedWaits() { timer_of_this_thread().every(kLongest); }

InterruptedWaits::~InterruptedWaits() { timer_of_this_thread().every({}); }

std::size_t write_within(int fd, std::string_view text, std::chrono::milliseconds patience) {
  std::size_t done = 0;
  auto progress = Clock::now();
  while (done < text.size()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(progress + patience - Clock::now());
    if (left.count() < 0) break;
    pollfd room = {fd, POLLOUT, 0};
    const int ready = ::poll(&room, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const InterruptedWaits interrupted;
    const ssize_t count =
        ::write(fd, text.data() + done, std::min<std::size_t>(text.size() - done, PIPE_BUF));
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      progress = Clock::now();
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      break;
    } else if (errno == EAGAIN) {
      ::poll(nullptr, 0, 1);  // a terminal that says it has room, and has too little
    }
  }
  return done;
}

}  // namespace disksnoop
