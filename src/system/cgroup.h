// cgroups by what a user calls them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// The cgroups that block I/O is charged to.
struct CgroupHierarchy {
  std::filesystem::path directory;
  unsigned version;  ///< 1 or 2
};

/// Where v1's controller blkio is mounted, else v2. Error: neither is.
Result<CgroupHierarchy> find_cgroups(const Root& root);

/// The directory of a cgroup: `given` is its path in the file system, or from `cgroups`, as
/// the column shows it.
std::filesystem::path cgroup_directory(const Root& root, const std::filesystem::path& cgroups,
                                       const std::string& given);

/// The kernel's number of a cgroup that is there, in the file system of `cgroups`: its inode
/// (kernfs_ino() in include/linux/kernfs.h, on machines of 64 bits); none if it is not there.
/// Error: whether it is cannot be seen.
Result<std::optional<std::uint64_t>> cgroup_number(const std::filesystem::path& cgroups,
                                                   const std::filesystem::path& directory);

}  // namespace disksnoop
