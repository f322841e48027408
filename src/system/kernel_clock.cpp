#include "system/kernel_clock.h"

#include <ctime>
#include <filesystem>
#include <sstream>

#include "system/files.h"

namespace disksnoop {
/// timens_offsets is of the namespace of the children; ours may be another.
bool in_time_namespace() {
  const auto offsets = read_file("/proc/self/timens_offsets");
  if (!offsets) return false;  // a kernel without them
  std::error_code error;
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/time", error);
  const auto childrens = std::filesystem::read_symlink("/proc/self/ns/time_for_children", error);
  if (error || ours != childrens) return true;
  std::istringstream line(*offsets);
  std::string clock;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  return !(line >> clock >> seconds >> nanoseconds) || seconds != 0 || nanoseconds != 0;
}

std::optional<std::uint64_t> kernel_now_ns() {
  timespec now = {};
  if (in_time_namespace() || ::clock_gettime(CLOCK_MONOTONIC, &now) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace disksnoop
