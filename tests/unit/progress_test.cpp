// What shows how far work is.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "app/replay_progress.h"
#include "program/confined_thread.h"
#include "system/progress_line.h"
#include "test_fds.h"

namespace disksnoop {
namespace {

TEST(Progress, OfAFileItIsAPart) {
  EXPECT_EQ(progress_text(0, 1000, 0), "disksnoop: 0 %");
  EXPECT_EQ(progress_text(429, 1000, 7), "disksnoop: 42 %");
  EXPECT_EQ(progress_text(1000, 1000, 7), "disksnoop: 100 %");
  EXPECT_EQ(progress_text(1500, 1000, 7), "disksnoop: 100 %") << "it has grown";
}

TEST(Progress, OfAPipeItIsRows) { EXPECT_EQ(progress_text(0, 0, 1234), "disksnoop: 1234 rows"); }

TEST(Progress, DoesNotStandBetweenRows) {
  Options rows;
  Options summary;
  summary.summary.asked = true;
  Options tables = summary;
  tables.summary.interval_s = 1;
  for (const Options& options : {rows, summary, tables}) {
    EXPECT_TRUE(can_show_progress(options, false));
  }
  EXPECT_FALSE(can_show_progress(rows, true));
  EXPECT_FALSE(can_show_progress(tables, true));
  EXPECT_TRUE(can_show_progress(summary, true));
}

/// A terminal, and who looks at it.
struct Terminal {
  Terminal() {
    ::setenv("TERM", "vt100", 1);
    int looking = -1;
    int shown = -1;
    EXPECT_EQ(::openpty(&looking, &shown, nullptr, nullptr, nullptr), 0);
    reader = UniqueFd(looking);
    writer = UniqueFd(shown);
    ::fcntl(looking, F_SETFL, O_NONBLOCK);
  }
  std::string text() const {
    std::array<char, 4096> buffer;
    pollfd readable = {reader.get(), POLLIN, 0};
    if (::poll(&readable, 1, 0) != 1) return "";
    const ssize_t length = ::read(reader.get(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
  }
  UniqueFd reader;
  UniqueFd writer;
};

TEST(ProgressLine, IsRewrittenAndErased) {
  const Terminal terminal;
  {
    ProgressLine line(terminal.writer.get());
    line.show("one");
    line.show("two");
  }
  erase_progress_line();  // there is none any more
  EXPECT_EQ(terminal.text(), "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K");
}

TEST(ProgressLine, IsNotInAFile) {
  const Pipe pipe = make_pipe();
  ProgressLine line(pipe.writer.get());
  line.show("one");
  pollfd readable = {pipe.reader.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&readable, 1, 0), 0);
}

TEST(ProgressLine, WaitsForNoTerminal) {
  const Terminal terminal;
  const int flags = ::fcntl(terminal.writer.get(), F_GETFL);
  ::fcntl(terminal.writer.get(), F_SETFL, flags | O_NONBLOCK);
  const std::string full(4096, 'x');
  while (::write(terminal.writer.get(), full.data(), full.size()) > 0) {
  }
  ::fcntl(terminal.writer.get(), F_SETFL, flags);  // from here on a write would wait for ever
  ProgressLine line(terminal.writer.get());
  line.show("one");
}

TEST(ProgressLine, IsNotOnATerminalThatErasesNothing) {
  const Terminal terminal;
  ::setenv("TERM", "dumb", 1);
  ProgressLine(terminal.writer.get()).show("one");
  EXPECT_EQ(terminal.text(), "");
}

/// Makes this process one in the background of the terminal, as Ctrl-Z and bg do.
void go_to_the_background(int terminal) {
  const pid_t shell = ::fork();
  if (shell == 0) {
    ::setpgid(0, 0);
    std::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(terminal, ::getpid());
    ::_exit(0);
  }
  ::waitpid(shell, nullptr, 0);
}

TEST(ProgressLine, LeavesATerminalToTheJobThatHasIt) {
  const Terminal terminal;
  const Pipe looked_at = make_pipe();
  const Pipe done = make_pipe();
  const pid_t job = ::fork();
  if (job == 0) {
    const int fd = terminal.writer.get();
    ::setsid();
    ::ioctl(fd, TIOCSCTTY, 0);
    {
      ProgressLine line(fd);
      line.show("one");
      go_to_the_background(fd);
      line.show("two");
    }
    char byte = 0;
    [[maybe_unused]] auto count = ::write(done.writer.get(), &byte, 1);
    count = ::read(looked_at.reader.get(), &byte, 1);  // its end would hang the terminal up
    ::_exit(0);
  }
  char byte = 0;
  EXPECT_EQ(::read(done.reader.get(), &byte, 1), 1);
  EXPECT_EQ(terminal.text(), "\r\x1b[Kone");
  EXPECT_EQ(::write(looked_at.writer.get(), &byte, 1), 1);
  ::waitpid(job, nullptr, 0);
}

TEST(LongWork, IsToldOnceToTheOneWhoWaits) {
  std::atomic<bool> told = false;
  int times = 0;
  const auto waiting = std::this_thread::get_id();
  const auto ran = run_in_thread(
      std::nullopt, [&told] { told.wait(false); },
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), waiting);
        ++times;
        told = true;
        told.notify_one();
      });
  EXPECT_TRUE(ran);
  EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace disksnoop
