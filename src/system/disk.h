// Finding a disk by what a user calls it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// A disk, or a part of one.
struct DiskPart {
  std::string disk;                        ///< disk_name of the kernel's struct gendisk
  std::optional<std::uint32_t> partition;  ///< its number, from 1 on; none: the whole disk
  /// false: its driver takes bios as they are (device mapper, md, zram, NVMe multipath).
  bool has_requests = true;
  bool operator==(const DiskPart&) const = default;
};

/// Where what is asked of `given` goes: to the disk itself, to one of its partitions, or, of a
/// disk that NVMe multipath has put above several paths, to all its paths; `with_heads`: to that
/// disk too. `given` is a name in /sys/class/block, or a path of a block device or of a link to
/// one, such as those in /dev/disk/by-id; where there is no such path, as in a container, what
/// follows /dev/ is taken for a name. Error: no such disk; a partition whose requests do not tell
/// that they are its own.
Result<std::vector<DiskPart>> find_disk(const Root& root, const std::string& given,
                                        bool with_heads = false);

/// A disk as it lies among the others.
struct BlockDevice {
  std::string name;
  bool has_requests;
  std::vector<std::string> below;  ///< what it lies on, as the disks of an LVM volume
  bool operator==(const BlockDevice&) const = default;
};

/// Those that there are now and that have a size, by name.
std::vector<BlockDevice> list_devices(const Root& root);

struct Devices {
  std::size_t disks;             ///< with requests
  std::size_t without_requests;  ///< whole ones too
  std::size_t partitions;
};

/// Those that there are now.
Devices count_devices(const Root& root);

/// How many requests the disks that there are now can have in flight together, by the
/// tags of their queues (/sys/block/DISK/mq/N/nr_tags), which those of one SCSI host or NVMe
/// controller share.
std::uint64_t most_in_flight(const Root& root);

}  // namespace disksnoop
