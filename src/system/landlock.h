// Which files this process may still open: landlock(7).
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/error.h"

namespace disksnoop {

/// From now on this thread, and those that it starts, may open or list only what is below
/// `readable`, and in and below the directories `renewed` (descriptors) make, write and remove
/// files; nothing else in a file system is opened, run, made or removed. What is open stays open.
/// The version of the kernel's Landlock; 0 where it has none (before 5.13, or switched off), and
/// then nothing is changed. Error: the kernel refuses the rules.
Result<int> restrict_files(const std::vector<std::filesystem::path>& readable,
                           std::span<const int> renewed);

}  // namespace disksnoop
