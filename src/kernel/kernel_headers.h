// The installed kernel headers that libbcc compiles with.
#pragma once

#include "core/error.h"
#include "kernel/files.h"

namespace disksnoop {

/// Whether libbcc will find kernel headers, looked for where it looks: the
/// tree that BCC_KERNEL_SOURCE names, /lib/modules/RELEASE/build (or source),
/// or /sys/kernel/kheaders.tar.xz. Error: none of them, with the package to
/// install.
Result<void> check_kernel_headers(const Root& root);

}  // namespace disksnoop
