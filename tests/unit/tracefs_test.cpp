#include "original/tracefs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "system/unique_fd.h"
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

/// A /proc, a tracefs, and files that only bear the name.
class FindHolder : public testing::Test {
 protected:
  /// A process that has `file` open.
  void add_process(const std::string& pid, const std::string& comm, const fs::path& file) {
    directory_.write("/proc/" + pid + "/comm", comm + "\n");
    const fs::path fds = directory_.path() / "proc" / pid / "fd";
    fs::create_directories(fds);
    fs::create_symlink(file, fds / "7");
  }
  std::optional<std::string> holder() const {
    return find_holder(Root(directory_.path()), pipe_.parent_path()).name;
  }

  TemporaryDirectory directory_;
  fs::path pipe_ = directory_.write("/sys/kernel/tracing/trace_pipe", "");
};

TEST_F(FindHolder, NamesTheProcessThatHasItOpen) {
  add_process("self", "not a number", pipe_);
  add_process("100", "other", directory_.write("/sys/kernel/tracing/trace", ""));
  EXPECT_EQ(holder(), std::nullopt);
  add_process("4711", "cat", pipe_);
  EXPECT_EQ(holder(), "cat (pid 4711)");
}

TEST_F(FindHolder, AFileOfThatNameIsNotIt) {
  add_process("100", "innocent", directory_.write("/home/user/trace_pipe", ""));
  add_process("101", "gone", "/no/such/trace_pipe");
  add_process("102", "instance",
              directory_.write("/sys/kernel/tracing/instances/one/trace_pipe", ""));
  EXPECT_EQ(holder(), std::nullopt);
  add_process("4711", "cat", pipe_);
  EXPECT_EQ(holder(), "cat (pid 4711)");
}

TEST_F(FindHolder, ThePipeOfOneCpuKeepsOthersOutToo) {
  add_process("4711", "cat", directory_.write("/sys/kernel/tracing/per_cpu/cpu1/trace_pipe", ""));
  EXPECT_EQ(holder(), "cat (pid 4711)");
}

TEST_F(FindHolder, LeavesThisProcessOut) {
  add_process(std::to_string(::getpid()), "test", pipe_);
  EXPECT_EQ(holder(), std::nullopt);
}

TEST_F(FindHolder, SaysWhenItCouldNotSeeAll) {
  add_process("100", "other", directory_.write("/sys/kernel/tracing/trace", ""));
  const Root root(directory_.path());
  EXPECT_TRUE(find_holder(root, pipe_.parent_path()).all_seen);
  const fs::path fds = directory_.path() / "proc/100/fd";
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(fds.c_str(), 0000), 0);
  {
    const OrdinaryUser user;
    EXPECT_FALSE(find_holder(root, pipe_.parent_path()).all_seen);
  }
  ASSERT_EQ(::chmod(fds.c_str(), 0755), 0);
}

TEST_F(FindHolder, DoesWithoutProc) { EXPECT_EQ(holder(), std::nullopt); }

}  // namespace
}  // namespace disksnoop
