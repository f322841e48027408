#include "program/output_capture.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <utility>

namespace disksnoop {
namespace {

/// Which file a descriptor leads to.
std::pair<dev_t, ino_t> file_of(int fd) {
  struct stat info = {};
  EXPECT_EQ(::fstat(fd, &info), 0);
  return {info.st_dev, info.st_ino};
}

TEST(OutputCapture, HoldsBackEveryWayToPrint) {
  auto capture = OutputCapture::start();
  ASSERT_TRUE(capture) << capture.error().message;
  std::printf("printf ");
  std::cout << "cout ";
  std::fflush(stdout);
  std::cout.flush();
  std::fprintf(stderr, "stderr ");
  std::cerr << "cerr ";
  ASSERT_EQ(::write(STDOUT_FILENO, "write ", 6), 6);
  std::printf("unflushed");
  EXPECT_EQ(capture->stop(), "printf cout stderr cerr write unflushed");
}

TEST(OutputCapture, KeepsLongTextWhole) {
  auto capture = OutputCapture::start();
  ASSERT_TRUE(capture);
  const std::string text(100'000, 'x');
  std::fputs(text.c_str(), stderr);
  EXPECT_EQ(capture->stop(), text);
}

TEST(OutputCapture, GivesStdoutAndStderrBack) {
  const auto out = file_of(STDOUT_FILENO);
  const auto err = file_of(STDERR_FILENO);
  {
    auto capture = OutputCapture::start();
    ASSERT_TRUE(capture);
    EXPECT_NE(file_of(STDOUT_FILENO), out);
    EXPECT_EQ(file_of(STDOUT_FILENO), file_of(STDERR_FILENO));
    EXPECT_EQ(capture->stop(), "");
    EXPECT_EQ(file_of(STDOUT_FILENO), out);
    EXPECT_EQ(file_of(STDERR_FILENO), err);
  }
  EXPECT_EQ(file_of(STDOUT_FILENO), out);
}

TEST(OutputCapture, GivesThemBackAtItsEnd) {
  const auto out = file_of(STDOUT_FILENO);
  const auto err = file_of(STDERR_FILENO);
  {
    const auto capture = OutputCapture::start();
    ASSERT_TRUE(capture);
    EXPECT_NE(file_of(STDERR_FILENO), err);
  }
  EXPECT_EQ(file_of(STDOUT_FILENO), out);
  EXPECT_EQ(file_of(STDERR_FILENO), err);
}

}  // namespace
}  // namespace disksnoop
