#include "program/private_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>  // setenv
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "system/files.h"
#include "test_fds.h"
#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "include/linux/kconfig.h";

/// Makes its directories below one of the test's.
class PrivateDirectoryTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("TMPDIR", parent_.path().c_str(), 1); }
  void TearDown() override { ::unsetenv("TMPDIR"); }

  bool parent_is_empty() const { return fs::is_empty(parent_.path()); }
  /// Waits for it, as long as it may take on a busy machine.
  bool parent_becomes_empty() const {
    for (int i = 0; i < 500 && !parent_is_empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return parent_is_empty();
  }

  TemporaryDirectory parent_;
};

TEST_F(PrivateDirectoryTest, IsForThisUserAloneAndGoneAtItsEnd) {
  {
    const auto directory = PrivateDirectory::create(kFile);
    ASSERT_TRUE(directory) << directory.error().message;
    EXPECT_EQ(directory->path().parent_path(), parent_.path());
    struct stat info = {};
    ASSERT_EQ(::stat(directory->path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
  }
  EXPECT_TRUE(parent_is_empty());
}

TEST_F(PrivateDirectoryTest, HasAFile) {
  const auto directory = PrivateDirectory::create(kFile);
  ASSERT_TRUE(directory);
  EXPECT_EQ(read_file(directory->path() / kFile), "");
}

TEST_F(PrivateDirectoryTest, CanBeMoved) {
  auto first = PrivateDirectory::create(kFile);
  ASSERT_TRUE(first);
  const fs::path path = first->path();
  {
    const PrivateDirectory second(std::move(*first));
    EXPECT_EQ(second.path(), path);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(PrivateDirectoryTest, IsGoneWhenTheProcessIsKilled) {
  Pipe ready = make_pipe();
  const pid_t process = ::fork();
  ASSERT_GE(process, 0);
  if (process == 0) {
    const auto directory = PrivateDirectory::create(kFile);
    if (!directory) ::_exit(1);
    write_text(ready.writer, "x");
    ::pause();
    ::_exit(2);
  }
  ready.writer = UniqueFd();
  char byte = 0;
  ASSERT_EQ(::read(ready.reader.get(), &byte, 1), 1);
  EXPECT_FALSE(parent_is_empty());
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  EXPECT_TRUE(parent_becomes_empty());
}

TEST_F(PrivateDirectoryTest, LeavesNoProcessBehind) {
  ASSERT_TRUE(PrivateDirectory::create(kFile));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(PrivateDirectoryTest, TwoDoNotWaitForEachOther) {
  auto first = PrivateDirectory::create(kFile);
  ASSERT_TRUE(first);
  const auto second = PrivateDirectory::create(kFile);
  ASSERT_TRUE(second);
  // If the second's process held the first's life line, this would not return.
  ::alarm(30);
  { const PrivateDirectory ended(std::move(*first)); }
  ::alarm(0);
  EXPECT_TRUE(fs::exists(second->path()));
}

TEST_F(PrivateDirectoryTest, ItsProcessHoldsNothingOpen) {
  Pipe pipe = make_pipe();
  UniqueFd high(::fcntl(pipe.writer.get(), F_DUPFD_CLOEXEC, 500));
  const auto directory = PrivateDirectory::create(kFile);
  ASSERT_TRUE(directory);
  pipe.writer = UniqueFd();
  high = UniqueFd();
  pollfd reader = {.fd = pipe.reader.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&reader, 1, 5000), 1) << "nobody else can write to the pipe";
  EXPECT_EQ(reader.revents, POLLHUP);
}

TEST_F(PrivateDirectoryTest, WithoutTmpdirItIsInMemory) {
  for (const char* unset : {static_cast<const char*>(nullptr), ""}) {
    if (unset == nullptr) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", unset, 1);
    }
    const auto directory = PrivateDirectory::create(kFile);
    ASSERT_TRUE(directory) << directory.error().message;
    const fs::path expected = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    EXPECT_EQ(directory->path().parent_path(), expected);
  }
}

TEST_F(PrivateDirectoryTest, NowhereToWriteIsAnErrorWithTheWayOut) {
  ::setenv("TMPDIR", "/no/such/directory", 1);
  const auto directory = PrivateDirectory::create(kFile);
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("/no/such/directory: No such file or directory"),
            std::string::npos);
  EXPECT_NE(directory.error().message.find("TMPDIR"), std::string::npos);
}

TEST_F(PrivateDirectoryTest, WhatCannotBeWrittenIsAnErrorThatLeavesNothing) {
  const auto directory = PrivateDirectory::create("a/" + std::string(300, 'x'));
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("File name too long"), std::string::npos);
  EXPECT_TRUE(parent_is_empty());
}

}  // namespace
}  // namespace disksnoop
