#include "kernel/signals.h"

#include <gtest/gtest.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using Wake = StopSignals::Wake;
using std::chrono::milliseconds;

TEST(Signals, BeforeTheyAreEventsTheyEndTheProcessQuietly) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          end_quietly_on_signals();
          std::raise(signal);
          ::_exit(9);
        },
        testing::ExitedWithCode(0), "^$");
  }
}

TEST(Signals, AClosedPipeDoesNotKill) {
  EXPECT_EXIT(
      {
        end_quietly_on_signals();
        std::raise(SIGPIPE);
        ::_exit(9);
      },
      testing::ExitedWithCode(9), "");
}

/// Leaves no signal pending and none blocked.
class StopSignalsTest : public testing::Test {
 protected:
  void SetUp() override {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
  }
  void TearDown() override {
    const timespec now = {};
    while (::sigtimedwait(&signals_, nullptr, &now) > 0) continue;
    ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
  }

 private:
  sigset_t signals_;
};

TEST_F(StopSignalsTest, EachSignalIsAStop) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto signals = StopSignals::catch_signals();
    ASSERT_TRUE(signals) << signals.error().message;
    std::raise(signal);
    EXPECT_EQ(signals->wait(-1, Clock::now() + milliseconds(5000)), Wake::kStop);
    TearDown();
  }
}

TEST_F(StopSignalsTest, DataWakes) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  const Pipe pipe = make_pipe();
  write_text(pipe.writer, "x");
  EXPECT_EQ(signals->wait(pipe.reader.get(), std::nullopt), Wake::kReadable);
}

TEST_F(StopSignalsTest, AnEndOfFileWakes) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  Pipe pipe = make_pipe();
  pipe.writer = UniqueFd();
  EXPECT_EQ(signals->wait(pipe.reader.get(), std::nullopt), Wake::kReadable);
}

TEST_F(StopSignalsTest, AStopIsSeenBeforeDataAndBeforeTheDeadline) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  const Pipe pipe = make_pipe();
  write_text(pipe.writer, "x");
  std::raise(SIGINT);
  EXPECT_EQ(signals->wait(pipe.reader.get(), Clock::now() - milliseconds(1)), Wake::kStop);
}

TEST_F(StopSignalsTest, TheDeadlineIsSeenBeforeData) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  const Pipe pipe = make_pipe();
  write_text(pipe.writer, "x");
  EXPECT_EQ(signals->wait(pipe.reader.get(), Clock::now()), Wake::kTimeout);
}

TEST_F(StopSignalsTest, ItWaitsUntilTheDeadlineAndNotLonger) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  const Pipe pipe = make_pipe();
  const auto deadline = Clock::now() + milliseconds(60);
  EXPECT_EQ(signals->wait(pipe.reader.get(), deadline), Wake::kTimeout);
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_LT(Clock::now(), deadline + milliseconds(2000));
}

TEST_F(StopSignalsTest, AnotherSignalInterruptsNothing) {
  const auto signals = StopSignals::catch_signals();
  ASSERT_TRUE(signals);
  std::signal(SIGALRM, [](int) {});
  const itimerval soon = {{0, 0}, {0, 10'000}};
  ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  const auto deadline = Clock::now() + milliseconds(60);
  EXPECT_EQ(signals->wait(-1, deadline), Wake::kTimeout);
  EXPECT_GE(Clock::now(), deadline);
}

}  // namespace
}  // namespace disksnoop
