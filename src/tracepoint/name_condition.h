// Telling some disks or processes from others by their names, in the program.
#pragma once

#include <span>
#include <string>

#include "system/disk.h"

namespace disksnoop {

/// A condition in C on `name`, an array of four u64 that holds disk_name of struct gendisk,
/// and on `partition`, the number of a partition: whether they are those of one of `parts`,
/// whose names have at most 31 bytes. By name, as a disk that is hidden below another one has
/// no device number to be found by. What comes after the end of a name counts for nothing:
/// sd and virtio_blk leave letters there.
std::string disk_condition(std::span<const DiskPart> parts);

/// The same on two u64, the name of a process, which has at most 15 bytes; empty for no names.
std::string comm_condition(std::span<const std::string> comms);

}  // namespace disksnoop
