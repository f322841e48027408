// Finding a disk by what a user calls it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// The disks whose requests are those of `given`, by the kernel's names for
/// them (disk_name of struct gendisk): the disk itself, or, of a disk that NVMe
/// multipath has put above several paths, all its paths. `given` is a name of
/// /sys/block, or a path of a block device or of a link to one, such as those in
/// /dev/disk/by-id; where there is no such path, as in a container, what follows
/// /dev/ is taken for a name. Error: no such disk; a partition (requests are the
/// whole disk's); a disk that makes no requests, with the disks below it.
Result<std::vector<std::string>> find_disk(const Root& root, const std::string& given);

/// How many requests the disks that there are now can have in flight together, by the
/// tags of their queues (/sys/block/DISK/mq/N/nr_tags); disks of one controller may share
/// theirs, and can have less.
std::uint64_t most_in_flight(const Root& root);

}  // namespace disksnoop
