#include "kernel/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <thread>

#include "test_fds.h"

namespace disksnoop {
namespace {

TEST(Output, WritesWhatWasAddedAndIsEmptyThen) {
  Pipe pipe = make_pipe();
  Output output(pipe.writer.get());
  output.buffer() += "one\n";
  output.buffer() += "two\n";
  EXPECT_EQ(output.flush(), true);
  EXPECT_EQ(output.buffer(), "");
  EXPECT_EQ(output.flush(), true);
  pipe.writer = UniqueFd();
  EXPECT_EQ(read_to_end(pipe.reader), "one\ntwo\n");
}

TEST(Output, AClosedPipeIsTheEndAndNoError) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe();
  pipe.reader = UniqueFd();
  Output output(pipe.writer.get());
  output.buffer() += "one\n";
  EXPECT_EQ(output.flush(), false);
  EXPECT_EQ(output.buffer(), "");
}

TEST(Output, AFullDiskIsAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  Output output(full.get());
  output.buffer() += "one\n";
  const auto written = output.flush();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write to stdout: No space left on device");
}

TEST(Output, MoreThanAPipeHoldsGoesThroughANonBlockingPipe) {
  Pipe pipe = make_pipe(O_CLOEXEC | O_NONBLOCK);
  ASSERT_EQ(::fcntl(pipe.reader.get(), F_SETFL, 0), 0);  // the reader's end waits
  const std::string text(1'000'000, 'x');
  std::string received;
  std::thread reader([&] { received = read_to_end(pipe.reader); });
  Output output(pipe.writer.get());
  output.buffer() += text;
  EXPECT_EQ(output.flush(), true);
  pipe.writer = UniqueFd();
  reader.join();
  EXPECT_EQ(received, text);
}

TEST(Output, LargeAmountsNeedNotWait) {
  Pipe pipe = make_pipe(O_CLOEXEC | O_NONBLOCK);
  Output output(pipe.writer.get());
  output.buffer() += "small\n";
  EXPECT_EQ(output.flush_if_large(), true);
  EXPECT_EQ(output.buffer(), "small\n");
  output.buffer().assign(65536, 'x');
  EXPECT_EQ(output.flush_if_large(), true);
  EXPECT_EQ(output.buffer(), "");
}

}  // namespace
}  // namespace disksnoop
