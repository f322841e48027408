// Finding tracefs, and saying what is in the way.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "system/files.h"

namespace disksnoop {

/// The directory that tracefs is mounted at: /sys/kernel/tracing, or
/// /sys/kernel/debug/tracing. Errors: not mounted anywhere, or not permitted.
Result<std::filesystem::path> find_tracefs(const Root& root);

/// Opens tracefs/trace_pipe for non-blocking reading. A kernel that lets only
/// one reader in (EBUSY, since 6.x: kernel/trace/trace.c, open_pipe_on_cpu)
/// gives an error that names the process that holds it, if /proc tells.
Result<int> open_trace_pipe(const Root& root, const std::filesystem::path& tracefs);

/// "NAME (pid N)" of a process other than this one that has trace_pipe of
/// `tracefs`, or that of one CPU, open; nothing if none can be seen.
std::optional<std::string> trace_pipe_holder(const Root& root,
                                             const std::filesystem::path& tracefs);

}  // namespace disksnoop
