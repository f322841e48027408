#include "system/interruptible_write.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "test_fds.h"

namespace disksnoop {
namespace {

using std::chrono::milliseconds;

TEST(InterruptedWaits, EndAWriteThatWouldWait) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    const Pipe pipe = make();
    fill(pipe.writer);
    const InterruptedWaits interrupted;
    EXPECT_EQ(::write(pipe.writer.get(), "x", 1), -1);
    EXPECT_EQ(errno, EINTR);
  }
}

TEST(InterruptedWaits, AlsoWhereTheSignalWasBlocked) {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) sigaddset(&signals, signal);
  EXPECT_EXIT(
      {
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        const Pipe pipe = make_pipe();
        fill(pipe.writer);
        // A thread has a timer of its own, and that of this process is its parent's.
        ::_exit(write_within(pipe.writer.get(), "x", milliseconds(10)) == 0 ? 7 : 8);
      },
      testing::ExitedWithCode(7), "");
}

TEST(WriteWithin, WritesAll) {
  Pipe pipe = make_pipe();
  EXPECT_EQ(write_within(pipe.writer.get(), "one\ntwo\n", milliseconds(0)), 8U);
  pipe.writer = UniqueFd();
  EXPECT_EQ(read_to_end(pipe.reader), "one\ntwo\n");
}

TEST(WriteWithin, GivesUpWhereNothingIsTaken) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    const Pipe pipe = make();
    fill(pipe.writer);
    EXPECT_EQ(write_within(pipe.writer.get(), "one\n", milliseconds(0)), 0U);
    EXPECT_EQ(write_within(pipe.writer.get(), "one\n", milliseconds(30)), 0U);
  }
}

TEST(WriteWithin, TellsWhichPartWasTaken) {
  const Pipe pipe = make_pipe();
  const std::string text(1'000'000, 'x');
  const std::size_t written = write_within(pipe.writer.get(), text, milliseconds(0));
  EXPECT_GT(written, 0U);
  EXPECT_LT(written, text.size());
}

TEST(WriteWithin, AReaderThatTakesABitNowAndThenGetsAll) {
  Pipe pipe = make_pipe();
  fill(pipe.writer);
  // All together it takes longer than any of it is waited for.
  constexpr milliseconds kPatience(2000);
  constexpr milliseconds kPause(100);
  const std::string text(4096 * 2 * (kPatience / kPause), 'x');
  std::thread slow([&] {
    while (!read_bytes(pipe.reader, 4096).empty()) std::this_thread::sleep_for(kPause);
  });
  EXPECT_EQ(write_within(pipe.writer.get(), text, kPatience), text.size());
  pipe.writer = UniqueFd();
  slow.join();
}

TEST(WriteWithin, WhatCannotBeWrittenIsNotTried) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe();
  pipe.reader = UniqueFd();
  EXPECT_EQ(write_within(pipe.writer.get(), "one\n", milliseconds(60'000)), 0U);
  EXPECT_EQ(write_within(-1, "one\n", milliseconds(0)), 0U);
}

}  // namespace
}  // namespace disksnoop
