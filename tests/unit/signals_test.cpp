#include "system/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "system/wait.h"
#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kStopSignals[] = {SIGINT, SIGTERM, SIGHUP};

/// Whether a stop has come by now.
bool is_stopped(const StopSignals& signals) {
  const auto happened = wait_for({.stop = signals.fd(), .until = Clock::now()});
  return happened && happened->stop;
}

/// Until a signal is no longer one with those before it.
void let_time_pass() { std::this_thread::sleep_for(StopSignals::kTogether + milliseconds(20)); }

TEST(Signals, BeforeTheyAreEventsTheyEndTheProcessQuietly) {
  for (const int signal : kStopSignals) {
    EXPECT_EXIT(
        {
          end_at_once_on_signals();
          std::raise(signal);
          ::_exit(9);
        },
        testing::ExitedWithCode(0), "^$");
  }
}

TEST(Signals, WithTheStatusThatWasSet) {
  EXPECT_EXIT(
      {
        end_at_once_on_signals();
        set_status_of_end_at_once(1);
        std::raise(SIGTERM);
        ::_exit(9);
      },
      testing::ExitedWithCode(1), "^$");
}

TEST(Signals, AClosedPipeAndALimitOnFilesDoNotKill) {
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    EXPECT_EXIT(
        {
          end_at_once_on_signals();
          std::raise(signal);
          ::_exit(9);
        },
        testing::ExitedWithCode(9), "");
  }
}

TEST(Signals, WhatIsIgnoredStaysIgnored) {
  for (const int signal : kStopSignals) {
    EXPECT_EXIT(
        {
          std::signal(signal, SIG_IGN);
          end_at_once_on_signals();
          std::raise(signal);
          const auto signals = StopSignals::catch_signals();
          std::raise(signal);
          ::_exit(is_stopped(*signals) ? 8 : 9);
        },
        testing::ExitedWithCode(9), "");
  }
}

TEST(Signals, WhatIsBlockedIsNotAnyMore) {
  EXPECT_EXIT(
      {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        end_at_once_on_signals();
        std::raise(SIGTERM);
        ::_exit(9);
      },
      testing::ExitedWithCode(0), "");
}

TEST(StopSignals, EachSignalIsAStop) {
  for (const int signal : kStopSignals) {
    const auto signals = StopSignals::catch_signals();
    ASSERT_TRUE(signals) << signals.error().message;
    EXPECT_FALSE(is_stopped(*signals));
    std::raise(signal);
    EXPECT_TRUE(is_stopped(*signals));
    EXPECT_TRUE(is_stopped(*signals));
  }
}

TEST(StopSignals, TwoTogetherAreOne) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  std::raise(SIGTERM);
  std::raise(SIGTERM);
  EXPECT_TRUE(is_stopped(*signals));
}

TEST(StopSignals, ASecondEndsTheProcessWhateverItWaitsFor) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    for (const int status : {0, 1}) {
      EXPECT_EXIT(
          {
            const auto signals = StopSignals::catch_signals();
            set_status_of_end_at_once(status);
            const Pipe pipe = make();
            fill(pipe.writer);
            std::raise(SIGINT);
            std::thread([main = ::pthread_self()] {
              let_time_pass();
              ::pthread_kill(main, SIGINT);
            }).detach();
            [[maybe_unused]] const ssize_t count = ::write(pipe.writer.get(), "x", 1);
            ::_exit(9);
          },
          testing::ExitedWithCode(status), "");
    }
  }
}

TEST(StopSignals, AfterThemASignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        { const auto signals = StopSignals::catch_signals(); }
        std::raise(SIGHUP);
        ::_exit(9);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace disksnoop
