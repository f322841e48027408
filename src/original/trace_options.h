// What in tracefs keeps the original engine from its rows.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace disksnoop {

/// A line for each file below the directory of tracefs that makes trace_pipe
/// something else than what disksnoop.py reads: tracing_on, and options of how
/// lines look. Each says what to write to it. A file that is not there, or
/// cannot be read, is no reason.
std::vector<std::string> trace_hindrances(const std::filesystem::path& tracefs);

}  // namespace disksnoop
