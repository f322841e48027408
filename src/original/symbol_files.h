// The kernel's own word on what can be probed.
#pragma once

#include <filesystem>
#include <optional>

#include "original/kernel_symbols.h"
#include "system/files.h"

namespace disksnoop {

/// Reads /proc/kallsyms, kprobes/blacklist of debugfs, and
/// available_filter_functions of `tracefs`; each that cannot be read says why.
SymbolFiles read_symbol_files(const Root& root, const std::filesystem::path& tracefs);

/// Whether the kernel has kprobes: the perf event source that they are set
/// through (since 4.17), or tracefs' own interface to them, where that is mounted.
bool has_kprobes(const Root& root, const std::optional<std::filesystem::path>& tracefs);

}  // namespace disksnoop
