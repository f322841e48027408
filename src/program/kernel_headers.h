// The installed kernel headers that libbcc compiles with.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// Makes BCC_KERNEL_SOURCE what it means to the user also for libbcc, which
/// looks at it from another directory: an absolute path; an empty one is none.
void settle_kernel_source();

/// The kernel headers that libbcc will find, looked for where it looks: the
/// tree that BCC_KERNEL_SOURCE names, or /lib/modules/RELEASE/build (or source).
/// Error: none of them, with the package to install. Not looked for:
/// /sys/kernel/kheaders.tar.xz, which libbcc unpacks in a directory of /tmp
/// that anybody can make first, and leaves there.
Result<std::filesystem::path> find_kernel_headers(const Root& root);

}  // namespace disksnoop
