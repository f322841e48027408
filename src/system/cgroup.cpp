#include "system/cgroup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <string_view>
#include <vector>

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

struct Mount {
  std::string point;
  std::string type;
  std::string options;  ///< of the file system
};

/// A line of /proc/self/mountinfo (proc(5)); its optional fields end with a "-".
Mount mount_of(const std::string& line) {
  std::istringstream fields(line);
  Mount mount;
  std::string field;
  for (int i = 0; i < 5 && fields >> field; ++i) mount.point = field;
  while (fields >> field && field != "-") {
  }
  fields >> mount.type >> field >> mount.options;
  return mount;
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::string_view first = options.substr(0, options.find(','));
    if (first == wanted) return true;
    options.remove_prefix(std::min(options.size(), first.size() + 1));
  }
  return false;
}

}  // namespace

Result<CgroupHierarchy> find_cgroups(const Root& root) {
  const auto mounts = read_file(root.at("/proc/self/mountinfo"));
  if (!mounts) return std::unexpected(mounts.error());
  std::istringstream lines(*mounts);
  std::optional<CgroupHierarchy> unified;
  for (std::string line; std::getline(lines, line);) {
    const Mount mount = mount_of(line);
    if (mount.type == "cgroup" && has_option(mount.options, "blkio")) {
      return CgroupHierarchy{root.at(mount.point), 1};
    }
    if (mount.type == "cgroup2" && !unified) unified = {root.at(mount.point), 2};
  }
  if (unified) return *unified;
  return fail("no cgroups are mounted that block I/O is charged to (cgroup2, or blkio of v1)");
}

fs::path cgroup_directory(const Root& root, const fs::path& cgroups, const std::string& given) {
  fs::path whole = root.at(given.starts_with('/') ? given : "/" + given);
  const auto [end, ignored] = std::ranges::mismatch(cgroups, whole);
  if (end == cgroups.end()) return whole;
  return cgroups / fs::path(given).relative_path();
}

Result<std::optional<std::uint64_t>> cgroup_number(const fs::path& cgroups,
                                                   const fs::path& directory) {
  struct stat top = {};
  struct stat file = {};
  if (::stat(cgroups.c_str(), &top) != 0 || ::stat(directory.c_str(), &file) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail(fmt::format("cannot look at {}: {}", directory.string(), std::strerror(errno)));
  }
  if (!S_ISDIR(file.st_mode) || file.st_dev != top.st_dev) return std::nullopt;
  return file.st_ino;
}

}  // namespace disksnoop
