#include "kernel/disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

/// Disks sda (with a partition), nvme0n1 and cciss/c0d0, as sysfs shows them.
class Disk : public testing::Test {
 protected:
  void SetUp() override {
    add("sda", "8:0\n");
    add("nvme0n1", "259:7\n");
    add("cciss!c0d0", "104:16\n");
    add("broken", "no numbers\n");
    directory_.write("/sys/devices/sda/sda1/partition", "1\n");
    directory_.write("/sys/devices/sda/sda1/dev", "8:1\n");
    fs::create_symlink("../../devices/sda/sda1", directory_.path() / "sys/class/block/sda1");
  }
  void add(const std::string& name, const std::string& dev) {
    directory_.write("/sys/devices/" + name + "/dev", dev);
    fs::create_directories(directory_.path() / "sys/devices" / name / "mq");
    for (const std::string place : {"sys/block", "sys/class/block"}) {
      fs::create_directories(directory_.path() / place);
      const fs::path target = place == "sys/block" ? "../devices/" + name : "../../devices/" + name;
      fs::create_symlink(target, directory_.path() / place / name);
    }
  }
  void expect_error(const std::string& name, std::string_view part) {
    const auto dev = find_disk(root_, name);
    ASSERT_FALSE(dev) << name;
    EXPECT_NE(dev.error().message.find(part), std::string::npos) << dev.error().message;
  }

  TemporaryDirectory directory_;
  Root root_{directory_.path()};
};

TEST_F(Disk, WithoutRequestsOfItsOwnIsRefused) {
  fs::remove(directory_.path() / "sys/devices/sda/mq");
  expect_error("sda", "no requests of its own");
}

TEST_F(Disk, IsFoundByNameAndByPath) {
  EXPECT_EQ(find_disk(root_, "sda"), 8U << 20);
  EXPECT_EQ(find_disk(root_, "/dev/sda"), 8U << 20);
  EXPECT_EQ(find_disk(root_, "nvme0n1"), (259U << 20 | 7U));
  EXPECT_EQ(find_disk(root_, "/dev/cciss/c0d0"), (104U << 20 | 16U));
}

TEST_F(Disk, APartitionIsRefusedWithItsDisk) {
  expect_error("sda1", "sda1 is a partition");
  expect_error("/dev/sda1", "use -d sda");
}

TEST_F(Disk, AnythingElseIsUnknown) {
  for (const std::string name : {"", "/dev/", "sdb", "../block/sda", "..", "broken", "sda/dev"}) {
    expect_error(name, "no disk " + name);
  }
}

}  // namespace
}  // namespace disksnoop
