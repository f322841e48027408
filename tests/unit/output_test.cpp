#include "system/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "system/wait.h"
#include "test_fds.h"

namespace disksnoop {
namespace {

using State = Output::State;

/// Lines of ten bytes.
std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "a line is\n";
  return text;
}

/// Writes until all is written, waiting for room.
void write_out(Output& output) {
  while (output.write() != State::kEmpty) {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    ASSERT_TRUE(wait_for({.output = output.fd(), .room = true, .until = soon}));
  }
}

TEST(Output, WritesWhatWasAddedAndIsEmptyThen) {
  Pipe pipe = make_pipe();
  Output output(pipe.writer.get());
  output.buffer() += "one\n";
  output.buffer() += "two\n";
  EXPECT_FALSE(output.is_empty());
  EXPECT_EQ(output.write(), State::kEmpty);
  EXPECT_TRUE(output.is_empty());
  EXPECT_EQ(output.buffer(), "");
  EXPECT_EQ(output.lines_written(), 2U);
  pipe.writer = UniqueFd();
  EXPECT_EQ(read_to_end(pipe.reader), "one\ntwo\n");
}

TEST(Output, WhatIsWrittenIsNotKeptWhileThereIsMore) {
  const Pipe pipe = make_pipe();
  Output output(pipe.writer.get());
  output.buffer() += lines(10'000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(output.write(), State::kNoRoom);
    output.buffer() += std::string(read_bytes(pipe.reader, 10'000).size(), '\n');
  }
  EXPECT_FALSE(output.is_empty());
  EXPECT_LT(output.buffer().size(), 1'000'000U);  // of ten that went through it
}

TEST(Output, IsFullWhenManyLinesWait) {
  const Pipe pipe = make_pipe();
  fill(pipe.writer);
  Output output(pipe.writer.get());
  output.buffer() += lines(1000);
  EXPECT_FALSE(output.is_full());
  output.buffer() += lines(20'000);
  EXPECT_TRUE(output.is_full());
}

// A pipe, a socket and a terminal, filled to the last byte: each would hold
// write(2) up.
TEST(Output, DoesNotWaitForAReader) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    const Pipe pipe = make();
    fill(pipe.writer);
    Output output(pipe.writer.get());
    output.buffer() += lines(1000);
    EXPECT_NE(output.write(), State::kEmpty);
    EXPECT_EQ(output.lines_written(), 0U);
  }
}

// n_tty says so, and then waits until it has taken all.
TEST(Output, DoesNotWaitForATerminalThatHasRoomForAByte) {
  const Pipe pty = make_terminal();
  fill(pty.writer);
  // Whether this makes room, and how much, is the kernel's to say.
  read_bytes(pty.reader, 100);
  Output output(pty.writer.get());
  output.buffer() += lines(10'000);
  for (int i = 0; i < 10; ++i) EXPECT_NE(output.write(), State::kEmpty);
  EXPECT_FALSE(output.is_empty());
}

// The room that poll(2) saw is taken by another before we write.
TEST(Output, DoesNotWaitForAPipeThatAnotherWriterFills) {
  const Pipe pipe = make_pipe();
  const UniqueFd other_end(::open(fmt::format("/proc/self/fd/{}", pipe.writer.get()).c_str(),
                                  O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(other_end);
  std::jthread other([&](const std::stop_token& stop) {
    const std::string text(4096, 'x');
    while (!stop.stop_requested()) {
      [[maybe_unused]] const ssize_t count = ::write(other_end.get(), text.data(), text.size());
    }
  });
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) read_bytes(pipe.reader, 4096);
  });
  Output output(pipe.writer.get());
  for (int i = 0; i < 2000; ++i) {
    if (output.is_empty()) output.buffer() += lines(2000);
    EXPECT_TRUE(output.write());
  }
  // The other writer goes on until the reader has ended.
  reader.request_stop();
  reader.join();
}

// Of an eventfd it is certain that it refuses: its number would be too large.
TEST(Output, WhatIsRefusedIsTriedAgain) {
  const UniqueFd refusing(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  ASSERT_EQ(::eventfd_write(refusing.get(), std::numeric_limits<std::uint64_t>::max() - 2), 0);
  Output output(refusing.get());
  output.buffer() += "8 bytes\n";
  EXPECT_EQ(output.write(), State::kRefused);
  EXPECT_FALSE(output.is_empty());
  eventfd_t value = 0;
  ASSERT_EQ(::eventfd_read(refusing.get(), &value), 0);
  EXPECT_EQ(output.write(), State::kEmpty);
  EXPECT_EQ(output.lines_written(), 1U);
}

TEST(Output, WhatAPipeTakesEndsWithALine) {
  Pipe pipe = make_pipe();
  Output output(pipe.writer.get());
  std::string text;
  for (std::size_t i = 0; text.size() < 1'000'000; ++i) text += std::string(i % 97, 'x') + "\n";
  output.buffer() = text;
  EXPECT_EQ(output.write(), State::kNoRoom);
  pipe.writer = UniqueFd();
  const std::string received = read_to_end(pipe.reader);
  EXPECT_GT(received.size(), 0U);
  EXPECT_TRUE(received.ends_with('\n'));
  EXPECT_TRUE(text.starts_with(received));
  EXPECT_EQ(output.lines_written(),
            static_cast<std::uint64_t>(std::count(received.begin(), received.end(), '\n')));
}

TEST(Output, ALineIsWrittenOnceItsLastByteIs) {
  const Pipe pty = make_terminal();
  Output output(pty.writer.get());
  output.buffer() += std::string(100'000, 'x') + "\n";
  std::string received;
  while (output.write() != State::kEmpty) {
    EXPECT_EQ(output.lines_written(), 0U);
    received += read_bytes(pty.reader, 64);
  }
  EXPECT_EQ(output.lines_written(), 1U);
}

TEST(Output, AReaderThatIsGoneIsTheEndAndNoError) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
    Pipe pipe = make();
    pipe.reader = UniqueFd();
    Output output(pipe.writer.get());
    output.buffer() += "one\n";
    EXPECT_EQ(output.write(), State::kReaderGone);
    EXPECT_EQ(output.lines_written(), 0U);
  }
}

// Here write(2) is what tells, and not poll(2).
TEST(Output, ASocketOfDatagramsThatNobodyReadsIsTheEndToo) {
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds.data()), 0);
  UniqueFd reader(fds[0]);
  const UniqueFd writer(fds[1]);
  Output output(writer.get());
  output.buffer() += "one\n";
  EXPECT_EQ(output.write(), State::kEmpty);
  reader = UniqueFd();
  output.buffer() += "two\n";
  EXPECT_EQ(output.write(), State::kReaderGone);
  EXPECT_EQ(output.lines_written(), 1U);
}

// Between poll(2) and write(2), or during it: EIO, ECONNRESET.
TEST(Output, AReaderThatGoesDuringAWriteIsTheEndToo) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto make : {make_socket, make_terminal}) {
    for (int i = 0; i < 300; ++i) {
      Pipe pipe = make();
      std::jthread reader([&] {
        read_bytes(pipe.reader, 100 * static_cast<std::size_t>(i));
        pipe.reader = UniqueFd();
      });
      Output output(pipe.writer.get());
      auto state = output.write();
      for (; state && state != State::kReaderGone; state = output.write()) {
        if (output.is_empty()) output.buffer() += lines(1000);
      }
      EXPECT_TRUE(state) << state.error().message;
    }
  }
}

TEST(Output, AFullDiskIsAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  Output output(full.get());
  output.buffer() += "one\n";
  const auto written = output.write();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write to stdout: No space left on device");
}

TEST(Output, AFileThatFillsUpKeepsWhatItTook) {
  const UniqueFd file(::memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(file.get(), 25), 0);
  ASSERT_EQ(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  Output output(file.get());
  output.buffer() += lines(2);
  EXPECT_EQ(output.write(), State::kEmpty);
  output.buffer() += lines(1);
  EXPECT_FALSE(output.write());
  EXPECT_EQ(output.lines_written(), 2U);
}

TEST(Output, WhatCannotBeWrittenToIsAnError) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Output output(null.get());
  output.buffer() += "one\n";
  const auto written = output.write();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write to stdout: Bad file descriptor");
}

// Of the wrong end of a pipe poll(2) says that there is no room, or that the
// writer has gone.
TEST(Output, TheWrongEndOfAPipeIsAnError) {
  for (const bool writer_is_there : {true, false}) {
    Pipe pipe = make_pipe();
    if (!writer_is_there) pipe.writer = UniqueFd();
    Output output(pipe.reader.get());
    output.buffer() += "one\n";
    const auto written = output.write();
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().message, "cannot write to stdout: Bad file descriptor");
  }
}

TEST(Output, MoreThanTheyHoldGoesThroughToAReader) {
  for (const bool non_blocking : {false, true}) {
    for (const auto make : {+[] { return make_pipe(); }, make_socket, make_terminal}) {
      Pipe pipe = make();
      if (non_blocking) ::fcntl(pipe.writer.get(), F_SETFL, O_NONBLOCK);
      const std::string text = lines(50'000);
      std::string received;
      std::thread reader([&] { received = read_bytes(pipe.reader, text.size()); });
      Output output(pipe.writer.get());
      output.buffer() += text;
      write_out(output);
      reader.join();
      EXPECT_EQ(received, text);
      EXPECT_EQ(output.lines_written(), 50'000U);
    }
  }
}

TEST(Output, IsAsWideAsItsTerminalIsNow) {
  const Pipe pty = make_terminal();
  const Output output(pty.writer.get());
  EXPECT_EQ(output.width(), 80U);  // it does not tell
  for (const std::uint16_t columns : std::vector<std::uint16_t>{132, 40, 1}) {
    const winsize size = {.ws_row = 25, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(::ioctl(pty.reader.get(), TIOCSWINSZ, &size), 0);
    EXPECT_EQ(output.width(), columns);
  }
}

TEST(Output, WhatIsNoTerminalHas80Columns) {
  const Pipe pipe = make_pipe();
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(Output(pipe.writer.get()).width(), 80U);
  EXPECT_EQ(Output(null.get()).width(), 80U);
  EXPECT_EQ(Output(-1).width(), 80U);
}

TEST(Output, ProgressIsWhatTheReaderTakes) {
  for (const auto make : {+[] { return make_pipe(); }, make_socket}) {
    const Pipe pipe = make();
    Output output(pipe.writer.get());
    const auto begin = output.progress();
    output.buffer() += lines(100'000);
    EXPECT_EQ(output.write(), State::kNoRoom);
    const auto before = output.progress();
    EXPECT_LE(before, begin);
    // Of a pipe less than makes room; of a socket what was written at once.
    read_bytes(pipe.reader, make == make_socket ? 4096 : 1);
    EXPECT_GT(output.progress(), before);
  }
}

TEST(WriteAll, WaitsForASlowReader) {
  Pipe pipe = make_pipe();
  const std::string text = lines(50'000);
  std::string received;
  std::thread reader([&] { received = read_to_end(pipe.reader); });
  EXPECT_TRUE(write_all(pipe.writer.get(), text));
  pipe.writer = UniqueFd();
  reader.join();
  EXPECT_EQ(received, text);
}

TEST(WriteAll, AReaderThatIsGoneIsNoError) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe();
  pipe.reader = UniqueFd();
  EXPECT_TRUE(write_all(pipe.writer.get(), "one\n"));
}

}  // namespace
}  // namespace disksnoop
