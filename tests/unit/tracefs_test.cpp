#include "kernel/tracefs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "kernel/unique_fd.h"
#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As long as it lives, root is an ordinary user.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::setresuid(65534, 65534, 0) != 0)
      throw std::runtime_error("cannot become nobody");
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() {
    if (was_root_ && ::setresuid(0, 0, 0) != 0) ::_exit(99);
  }

 private:
  bool was_root_;
};

TEST(FindTracefs, PrefersItsOwnMountPoint) {
  const TemporaryDirectory directory;
  const Root root(directory.path());
  directory.write("/sys/kernel/debug/tracing/trace_pipe", "");
  EXPECT_EQ(find_tracefs(root), directory.path() / "sys/kernel/debug/tracing");
  directory.write("/sys/kernel/tracing/trace_pipe", "");
  EXPECT_EQ(find_tracefs(root), directory.path() / "sys/kernel/tracing");
}

TEST(FindTracefs, AnEmptyMountPointIsNotMounted) {
  const TemporaryDirectory directory;
  fs::create_directories(directory.path() / "sys/kernel/tracing");
  const auto found = find_tracefs(Root(directory.path()));
  ASSERT_FALSE(found);
  EXPECT_TRUE(contains(found.error().message, "tracefs is not mounted"));
  EXPECT_TRUE(contains(found.error().message, "mount -t tracefs tracefs /sys/kernel/tracing"));
  EXPECT_FALSE(contains(found.error().message, "\n"));
}

TEST(FindTracefs, SaysWhenItMayNotLook) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("/sys/kernel/tracing/trace_pipe", "");
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(file.parent_path().c_str(), 0000), 0);
  {
    const OrdinaryUser user;
    const auto found = find_tracefs(Root(directory.path()));
    ASSERT_FALSE(found);
    EXPECT_TRUE(contains(found.error().message, "not permitted"));
    EXPECT_TRUE(contains(found.error().message, "root"));
  }
  ASSERT_EQ(::chmod(file.parent_path().c_str(), 0755), 0);
}

TEST(OpenTracePipe, OpensWithoutBlocking) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("/sys/kernel/tracing/trace_pipe", "line\n");
  const auto opened = open_trace_pipe(Root(directory.path()), file.parent_path());
  ASSERT_TRUE(opened) << opened.error().message;
  const UniqueFd fd(*opened);
  EXPECT_NE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(OpenTracePipe, SaysWhenItMayNot) {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("/sys/kernel/tracing/trace_pipe", "");
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(file.c_str(), 0000), 0);
  const OrdinaryUser user;
  const auto opened = open_trace_pipe(Root(directory.path()), file.parent_path());
  ASSERT_FALSE(opened);
  EXPECT_TRUE(contains(opened.error().message, "not permitted to read " + file.string()));
}

TEST(OpenTracePipe, SaysWhatElseIsWrong) {
  const TemporaryDirectory directory;
  const auto opened = open_trace_pipe(Root(directory.path()), directory.path());
  ASSERT_FALSE(opened);
  EXPECT_TRUE(contains(opened.error().message, "trace_pipe: No such file or directory"));
}

TEST(TracePipeHolder, NamesTheProcessThatHasItOpen) {
  const TemporaryDirectory directory;
  directory.write("/proc/self/comm", "not a number\n");
  directory.write("/proc/100/comm", "other\n");
  directory.write("/proc/4711/comm", "cat\n");
  for (const auto process : {"proc/self/fd", "proc/100/fd", "proc/4711/fd"}) {
    fs::create_directories(directory.path() / process);
  }
  fs::create_symlink("/sys/kernel/tracing/trace_pipe", directory.path() / "proc/self/fd/3");
  fs::create_symlink("/sys/kernel/tracing/trace", directory.path() / "proc/100/fd/3");
  const Root root(directory.path());
  EXPECT_EQ(trace_pipe_holder(root), std::nullopt);
  fs::create_symlink("/sys/kernel/tracing/trace_pipe", directory.path() / "proc/4711/fd/7");
  EXPECT_EQ(trace_pipe_holder(root), "cat (pid 4711)");
}

TEST(TracePipeHolder, LeavesThisProcessOut) {
  const TemporaryDirectory directory;
  const fs::path fds = directory.path() / "proc" / std::to_string(::getpid()) / "fd";
  fs::create_directories(fds);
  fs::create_symlink("/sys/kernel/tracing/trace_pipe", fds / "3");
  EXPECT_EQ(trace_pipe_holder(Root(directory.path())), std::nullopt);
}

TEST(TracePipeHolder, DoesWithoutProc) {
  const TemporaryDirectory directory;
  EXPECT_EQ(trace_pipe_holder(Root(directory.path())), std::nullopt);
}

}  // namespace
}  // namespace disksnoop
