#include "kernel/disk.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

namespace disksnoop {
namespace {

/// "MAJOR:MINOR\n".
std::optional<std::uint32_t> parse_dev(std::string_view text) {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, major);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  if (std::from_chars(colon + 1, end, minor).ec != std::errc()) return std::nullopt;
  return major << 20 | minor;
}

}  // namespace

Result<std::uint32_t> find_disk(const Root& root, const std::string& given) {
  namespace fs = std::filesystem;
  constexpr std::string_view kDev = "/dev/";
  std::string name = given.starts_with(kDev) ? given.substr(kDev.size()) : given;
  const auto unknown = [&given] {
    return fail(fmt::format("no disk {} (see ls /sys/block)", given));
  };
  if (name.empty() || name.find("..") != std::string::npos) return unknown();
  // A slash in a name is a ! in sysfs, as in cciss!c0d0.
  for (char& c : name) c = c == '/' ? '!' : c;
  std::error_code ignored;
  const fs::path by_class = root.at("/sys/class/block") / name;
  if (fs::exists(by_class / "partition", ignored)) {
    const std::string disk = fs::canonical(by_class, ignored).parent_path().filename().string();
    return fail(fmt::format("{} is a partition, and requests are of the whole disk: use -d {}",
                            given, disk));
  }
  const auto text = read_file(root.at("/sys/block") / name / "dev");
  const auto dev = text ? parse_dev(*text) : std::nullopt;
  if (!dev) return unknown();
  if (!fs::exists(root.at("/sys/block") / name / "mq", ignored)) {
    return fail(fmt::format(
        "{} has no requests of its own (device-mapper, md, zram, NVMe multipath): trace the disks "
        "below it, see /sys/block/{}/slaves",
        given, name));
  }
  return *dev;
}

}  // namespace disksnoop
