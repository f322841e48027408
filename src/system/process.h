// Processes by what a user calls them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// Error: there is no process of this number; it is that of a thread, with its process.
Result<void> check_process(const Root& root, std::uint32_t pid);

/// Error: /proc is that of another pid namespace, so that its numbers are not this process's.
Result<void> check_own_proc();

/// Whether a process or a thread has this name now.
bool is_any_called(const Root& root, const std::string& comm);

/// What tells a pid namespace from others, by stat(2).
struct PidNamespace {
  std::uint64_t device;
  std::uint64_t inode;
};

/// The namespace of this process; none if it is the first one, whose numbers the kernel uses
/// itself (PROC_PID_INIT_INO in include/linux/proc_ns.h), or if /proc does not tell.
std::optional<PidNamespace> own_pid_namespace(const Root& root);

}  // namespace disksnoop
