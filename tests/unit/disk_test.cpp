#include "system/disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

using Parts = std::vector<DiskPart>;

/// Disks as sysfs shows them, made of relative links as there.
class Disk : public testing::Test {
 protected:
  void SetUp() override {
    add("sda", "8:0");
    add_partition("sda", "sda1", "8:1");
    add("cciss!c0d0", "104:16");
  }
  fs::path at(const std::string& path) const { return directory_.path() / path; }

  void add(const std::string& name, const std::string& dev) {
    add_without_requests(name, dev);
    fs::create_directories(at("sys/devices/" + name + "/mq"));
  }
  /// `dev` empty: hidden.
  void add_without_requests(const std::string& name, const std::string& dev) {
    directory_.write("/sys/devices/" + name + "/size", "2048\n");
    link("sys/block/" + name, "../devices/" + name);
    link("sys/class/block/" + name, "../../devices/" + name);
    if (!dev.empty()) link("sys/dev/block/" + dev, "../../devices/" + name);
  }
  void add_partition(const std::string& disk, const std::string& name, const std::string& dev) {
    const std::string directory = "devices/" + disk + "/" + name;
    directory_.write("/sys/" + directory + "/size", "1024\n");
    directory_.write("/sys/" + directory + "/partition", "1\n");
    link("sys/class/block/" + name, "../../" + directory);
    link("sys/dev/block/" + dev, "../../" + directory);
  }
  void add_queue(const std::string& disk, const std::string& number, const std::string& tags) {
    directory_.write("/sys/devices/" + disk + "/mq/" + number + "/nr_tags", tags + "\n");
  }
  void link(const std::string& path, const std::string& target) {
    fs::create_directories(at(path).parent_path());
    fs::create_symlink(target, at(path));
  }
  /// A device node; false where nobody may make one.
  bool node(const std::string& path, unsigned major, unsigned minor, mode_t kind = S_IFBLK) {
    fs::create_directories(at(path).parent_path());
    return ::mknod(at(path).c_str(), kind | 0600, ::makedev(major, minor)) == 0;
  }
  void expect_error(const std::string& name, std::string_view part) {
    const auto disk = find_disk(root_, name);
    ASSERT_FALSE(disk) << name;
    EXPECT_NE(disk.error().message.find(part), std::string::npos) << disk.error().message;
  }

  TemporaryDirectory directory_;
  Root root_{directory_.path()};
};

#define NEEDS_NODES(made) \
  if (!(made)) GTEST_SKIP() << "device nodes cannot be made here: " << std::strerror(errno)

TEST_F(Disk, IsFoundByName) {
  EXPECT_EQ(find_disk(root_, "sda"), (Parts{{"sda", {}}}));
  EXPECT_EQ(find_disk(root_, "cciss!c0d0"), (Parts{{"cciss/c0d0", {}}}));
  EXPECT_EQ(find_disk(root_, "cciss/c0d0"), (Parts{{"cciss/c0d0", {}}}));
}

TEST_F(Disk, WithoutItsNodeThePathIsTakenForTheName) {
  EXPECT_EQ(find_disk(root_, "/dev/sda"), (Parts{{"sda", {}}}));
  EXPECT_EQ(find_disk(root_, "/dev/cciss/c0d0"), (Parts{{"cciss/c0d0", {}}}));
}

TEST_F(Disk, IsFoundByWhatItsNodeIs) {
  add("sdb", "8:16");
  NEEDS_NODES(node("dev/sda", 8, 16));  // not what the name says
  EXPECT_EQ(find_disk(root_, "/dev/sda"), (Parts{{"sdb", {}}}));
  ASSERT_TRUE(node("elsewhere/any-name", 8, 0));
  EXPECT_EQ(find_disk(root_, "/elsewhere/any-name"), (Parts{{"sda", {}}}));
  EXPECT_EQ(find_disk(root_, "sda"), (Parts{{"sda", {}}}));
}

TEST_F(Disk, IsFoundByALink) {
  NEEDS_NODES(node("dev/sda", 8, 0));
  link("dev/disk/by-id/ata-DISK_1234", "../../sda");
  EXPECT_EQ(find_disk(root_, "/dev/disk/by-id/ata-DISK_1234"), (Parts{{"sda", {}}}));
  ASSERT_TRUE(node("dev/sda1", 8, 1));
  link("dev/disk/by-id/ata-DISK_1234-part1", "../../sda1");
  EXPECT_EQ(find_disk(root_, "/dev/disk/by-id/ata-DISK_1234-part1"), (Parts{{"sda", 1}}));
}

TEST_F(Disk, APathFromTheWorkingDirectoryIsTakenToo) {
  NEEDS_NODES(node("here/link-to-sda", 8, 0));
  const fs::path before = fs::current_path();
  fs::current_path(at("here"));
  EXPECT_EQ(find_disk(root_, "./link-to-sda"), (Parts{{"sda", {}}}));
  EXPECT_EQ(find_disk(root_, "link-to-sda"), (Parts{{"sda", {}}}));
  fs::current_path(before);
}

TEST_F(Disk, OnlyABlockDeviceIsADisk) {
  directory_.write("/dev/file", "");
  expect_error("/dev/file", "no disk /dev/file");
  NEEDS_NODES(node("dev/characters", 8, 0, S_IFCHR));
  expect_error("/dev/characters", "no disk /dev/characters");
  ASSERT_TRUE(node("dev/gone", 8, 99));
  expect_error("/dev/gone", "no disk /dev/gone");
}

TEST_F(Disk, APartitionIsItsNumberOfItsDisk) {
  EXPECT_EQ(find_disk(root_, "sda1"), (Parts{{"sda", 1}}));
  EXPECT_EQ(find_disk(root_, "/dev/sda1"), (Parts{{"sda", 1}}));
}

TEST_F(Disk, OfNvmeMultipathHasNoPartitions) {
  add_without_requests("nvme0n1", "259:1");
  add("nvme0c0n1", "");
  add_partition("nvme0n1", "nvme0n1p1", "259:2");
  expect_error("nvme0n1p1", "nvme0n1p1 is a partition of nvme0n1, whose requests go to its paths");
  expect_error("nvme0n1p1", "use -d nvme0n1");
}

TEST_F(Disk, AnythingElseIsUnknown) {
  for (const std::string name : {"", "/dev/", "/dev", "sdb", ".", "..", "../block/sda", "sda/size",
                                 "/sys/block/sda", "/dev/../sys/class/block/sda"}) {
    expect_error(name, "no disk " + name);
  }
}

TEST_F(Disk, OfNvmeMultipathIsAllItsPaths) {
  add_without_requests("nvme0n1", "259:1");
  for (const std::string other : {"nvme0c0n1", "nvme0c12n1", "nvme0c0n11", "nvme1c0n1"}) {
    add(other, "");
  }
  add("nvme0n2", "259:2");
  EXPECT_EQ(find_disk(root_, "nvme0n1"), (Parts{{"nvme0c0n1", {}}, {"nvme0c12n1", {}}}));
  EXPECT_EQ(find_disk(root_, "/dev/nvme0n1"), (Parts{{"nvme0c0n1", {}}, {"nvme0c12n1", {}}}));
  EXPECT_EQ(find_disk(root_, "nvme0c12n1"), (Parts{{"nvme0c12n1", {}}}));
  EXPECT_EQ(find_disk(root_, "nvme0n2"), (Parts{{"nvme0n2", {}}}));
}

TEST_F(Disk, WithoutRequestsIsTakenAsItIs) {
  add_without_requests("dm-0", "254:0");
  add_without_requests("md0", "9:0");
  add_partition("md0", "md0p1", "259:7");
  EXPECT_EQ(find_disk(root_, "dm-0"), (Parts{{"dm-0", {}, false}}));
  EXPECT_EQ(find_disk(root_, "/dev/md0"), (Parts{{"md0", {}, false}}));
  EXPECT_EQ(find_disk(root_, "md0p1"), (Parts{{"md0", 1, false}}));
  EXPECT_NE(find_disk(root_, "dm-0"), (Parts{{"dm-0", {}}}));
}

TEST_F(Disk, WhereBiosAreAskedForNvmeMultipathIsOneToo) {
  add_without_requests("nvme0n1", "259:1");
  add("nvme0c0n1", "");
  add("sdb", "8:16");
  add_partition("nvme0n1", "nvme0n1p1", "259:2");
  const bool with_heads = true;
  EXPECT_EQ(find_disk(root_, "nvme0n1", with_heads),
            (Parts{{"nvme0n1", {}, false}, {"nvme0c0n1", {}}}));
  EXPECT_EQ(find_disk(root_, "nvme0n1p1", with_heads), (Parts{{"nvme0n1", 1, false}}));
  EXPECT_EQ(find_disk(root_, "sdb", with_heads), (Parts{{"sdb", {}}}));
}

TEST_F(Disk, AllQueuesOfAllDisksHaveRequestsInFlight) {
  EXPECT_EQ(most_in_flight(root_), 0U) << "what cannot be read is left out";
  add_queue("sda", "0", "64");
  add_queue("cciss!c0d0", "0", "1023");
  add_queue("cciss!c0d0", "1", "1023");
  EXPECT_EQ(most_in_flight(root_), 2110U);
}

TEST_F(Disk, AreCounted) {
  add_without_requests("dm-0", "254:0");
  const Devices devices = count_devices(root_);
  EXPECT_EQ(devices.disks, 2U);
  EXPECT_EQ(devices.without_requests, 1U);
  EXPECT_EQ(devices.partitions, 1U);
}

TEST_F(Disk, ThoseOfAHostOrAControllerShareItsTags) {
  for (const auto& [path, tags] : {
           std::pair{"pci0/host3/target3:0:0/3:0:0:0/block/sdb", "4096"},
           std::pair{"pci0/host3/target3:0:0/3:0:0:1/block/sdc", "4096"},
           std::pair{"pci0/host4/target4:0:0/4:0:0:0/block/sdd", "32"},
           std::pair{"pci1/nvme/nvme0/nvme0n1", "1023"},
           std::pair{"pci1/nvme/nvme0/nvme0n2", "1023"},
           std::pair{"pci1/nvme/nvme10/nvme10c0n1", "511"},
           std::pair{"virtual/block/nullb0", "64"},
           std::pair{"virtual/block/nullb1", "64"},
       }) {
    const std::string name = fs::path(path).filename();
    directory_.write("/sys/devices/" + std::string(path) + "/mq/0/nr_tags", tags);
    link("sys/block/" + name, "../devices/" + std::string(path));
  }
  EXPECT_EQ(most_in_flight(root_), 4096U + 32U + 1023U + 511U + 64U + 64U);
}

TEST_F(Disk, ListedWithWhatIsBelowIt) {
  add_without_requests("dm-0", "253:0");
  directory_.write("/sys/devices/dm-0/slaves/cciss!c0d0/size", "1\n");
  directory_.write("/sys/devices/dm-0/slaves/sda1/size", "1\n");
  add("loop0", "7:0");
  directory_.write("/sys/devices/loop0/size", "0\n");
  EXPECT_EQ(
      list_devices(Root(directory_.path())),
      (std::vector<BlockDevice>{
          {"cciss/c0d0", true, {}}, {"dm-0", false, {"cciss/c0d0", "sda1"}}, {"sda", true, {}}}));
}

}  // namespace
}  // namespace disksnoop
