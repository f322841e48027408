#include "system/wait.h"

#include <gtest/gtest.h>
#include <sys/time.h>

#include <csignal>

#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

TEST(WaitFor, DataWakes) {
  const Pipe pipe = make_pipe();
  write_text(pipe.writer, "x");
  const auto happened = wait_for({.source = pipe.reader.get()});
  ASSERT_TRUE(happened);
  EXPECT_TRUE(happened->source);
  EXPECT_FALSE(happened->stop || happened->room || happened->reader_gone);
}

TEST(WaitFor, AnEndOfFileWakes) {
  Pipe pipe = make_pipe();
  pipe.writer = UniqueFd();
  const auto happened = wait_for({.source = pipe.reader.get()});
  ASSERT_TRUE(happened);
  EXPECT_TRUE(happened->source);
}

TEST(WaitFor, AStopAndDataAreBothSeen) {
  const Pipe pipe = make_pipe();
  write_text(pipe.writer, "x");
  const auto happened = wait_for({.stop = pipe.reader.get(), .source = pipe.reader.get()});
  ASSERT_TRUE(happened);
  EXPECT_TRUE(happened->stop && happened->source);
}

TEST(WaitFor, RoomWakesIfItIsWaitedFor) {
  const Pipe pipe = make_pipe();
  EXPECT_TRUE(wait_for({.output = pipe.writer.get(), .room = true})->room);
  const auto soon = Clock::now() + milliseconds(30);
  EXPECT_FALSE(wait_for({.output = pipe.writer.get(), .until = soon})->room);
  EXPECT_GE(Clock::now(), soon);
  fill(pipe.writer);
  EXPECT_FALSE(wait_for({.output = pipe.writer.get(), .room = true, .until = Clock::now()})->room);
}

TEST(WaitFor, AReaderThatIsGoneWakesAlsoWhenThereIsNothingToWrite) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    Pipe pipe = make();
    const auto until = Clock::now() + milliseconds(10);
    EXPECT_FALSE(wait_for({.output = pipe.writer.get(), .until = until})->reader_gone);
    pipe.reader = UniqueFd();
    EXPECT_TRUE(wait_for({.output = pipe.writer.get()})->reader_gone);
  }
}

TEST(WaitFor, ItWaitsUntilTheMomentAlsoIfASignalComesBefore) {
  std::signal(SIGALRM, [](int) {});
  const itimerval soon = {{0, 0}, {0, 10'000}};
  ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  const auto until = Clock::now() + milliseconds(60);
  const auto happened = wait_for({.until = until});
  ASSERT_TRUE(happened);
  EXPECT_FALSE(happened->stop || happened->source || happened->room || happened->reader_gone);
  EXPECT_GE(Clock::now(), until);
}

TEST(WaitFor, AMomentThatIsPastIsNotWaitedFor) {
  const Pipe pipe = make_pipe();
  const auto happened =
      wait_for({.source = pipe.reader.get(), .until = Clock::now() - milliseconds(1)});
  ASSERT_TRUE(happened);
  EXPECT_FALSE(happened->source);
}

}  // namespace
}  // namespace disksnoop
