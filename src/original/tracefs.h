// Finding tracefs, and saying what is in the way.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

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

/// A process other than this one that has trace_pipe open.
struct TracePipeHolder {
  std::optional<std::string> name;  ///< "NAME (pid N)"; none: none was seen
  bool all_seen = true;             ///< of the processes that /proc shows
};

/// Of trace_pipe of `tracefs`, or of that of one CPU.
TracePipeHolder find_holder(const Root& root, const std::filesystem::path& tracefs);

/// What to do about it.
constexpr std::string_view kEndTheHolder = "end that first";

}  // namespace disksnoop
