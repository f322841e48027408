// Finding a disk by its name.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.h"
#include "kernel/files.h"

namespace disksnoop {

/// The kernel's dev_t (major << 20 | minor) of a disk in /sys/block; /dev/NAME
/// is taken too. Error: no such disk, or a partition (requests are the whole
/// disk's), or a disk that hands its I/O on without making requests.
Result<std::uint32_t> find_disk(const Root& root, const std::string& given);

}  // namespace disksnoop
