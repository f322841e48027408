#include "system/cgroup.h"

#include <gtest/gtest.h>

#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

const std::string kV2 =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string kV1 =
    "31 23 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "32 23 0:28 / /sys/fs/cgroup/blkio rw shared:5 master:1 - cgroup cgroup rw,blkio\n"
    "33 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

class Cgroup : public ::testing::Test {
 protected:
  void mounts(const std::string& lines) {
    directory_.write("/proc/self/mountinfo", "23 1 0:20 / / rw - ext4 /dev/sda1 rw\n" + lines);
  }
  std::filesystem::path at(const std::string& path) { return root_.at(path); }

  TemporaryDirectory directory_;
  Root root_{directory_.path()};
};

TEST_F(Cgroup, IsWhereBlockIoIsCharged) {
  mounts(kV2);
  EXPECT_EQ(find_cgroups(root_)->directory, at("/sys/fs/cgroup"));
  EXPECT_EQ(find_cgroups(root_)->version, 2U);
  mounts(kV1);
  EXPECT_EQ(find_cgroups(root_)->directory, at("/sys/fs/cgroup/blkio"));
  EXPECT_EQ(find_cgroups(root_)->version, 1U);
}

TEST_F(Cgroup, WithoutAHierarchyThereIsNone) {
  mounts("");
  const auto found = find_cgroups(root_);
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().message.starts_with("no cgroups are mounted")) << found.error().message;
}

TEST_F(Cgroup, IsGivenByItsDirectoryOrAsTheColumnShowsIt) {
  const auto all = at("/sys/fs/cgroup");
  for (const std::string given : {"/sys/fs/cgroup/a/b", "/a/b", "a/b"}) {
    EXPECT_EQ(cgroup_directory(root_, all, given), at("/sys/fs/cgroup/a/b")) << given;
  }
  EXPECT_EQ(cgroup_directory(root_, all, "/").lexically_normal(), all / "");
}

TEST_F(Cgroup, HasTheNumberOfItsDirectoryWhileItIsThere) {
  directory_.write("/sys/fs/cgroup/a/file", "");
  const auto all = at("/sys/fs/cgroup");
  EXPECT_TRUE(*cgroup_number(all, all / "a"));
  EXPECT_FALSE(*cgroup_number(all, all / "a/file"));
  EXPECT_FALSE(*cgroup_number(all, all / "b"));
  EXPECT_FALSE(*cgroup_number(all, "/proc"));  // of another file system
}

}  // namespace
}  // namespace disksnoop
