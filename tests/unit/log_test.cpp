// A stderr that takes nothing, or a part of a line.
#include "system/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;

/// stderr is a pipe with room for one page.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::fcntl(pipe_.writer.get(), F_SETPIPE_SZ, kPage), kPage);
    ASSERT_GE(::dup2(pipe_.writer.get(), STDERR_FILENO), 0);
  }
  void TearDown() override { ::dup2(saved_.get(), STDERR_FILENO); }

  std::string read_page() {
    std::string text(kPage, '\0');
    text.resize(static_cast<std::size_t>(::read(pipe_.reader.get(), text.data(), kPage)));
    return text;
  }

  static constexpr int kPage = 4096;
  Pipe pipe_ = make_pipe();
  UniqueFd saved_ = UniqueFd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
};

TEST_F(LogTest, AfterALineThatWasCutTheNextOneBeginsALine) {
  const Log log(false);
  log.info(std::string(kPage + 1000, 'x'));
  EXPECT_TRUE(read_page().ends_with('x'));
  log.info("whole");
  EXPECT_EQ(read_page(), "\ndisksnoop: whole\n");
  log.info("and another");
  EXPECT_EQ(read_page(), "disksnoop: and another\n");
}

TEST_F(LogTest, OnlyTheFirstLineThatIsNotTakenIsWaitedFor) {
  const Log log(false);
  const std::string page(kPage - std::string_view("disksnoop: \n").size(), 'x');
  log.info(page);
  const auto begin = Clock::now();
  log.info("waited for");
  const auto first = Clock::now() - begin;
  for (int i = 0; i < 40; ++i) log.info("not waited for");
  EXPECT_LT(Clock::now() - begin, 10 * first);
  read_page();
  log.info("taken");
  EXPECT_EQ(read_page(), "disksnoop: taken\n");
}

}  // namespace
}  // namespace disksnoop
