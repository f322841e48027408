#include "system/disk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// The names of a directory, in order; none if it cannot be read.
std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

/// A disk or a partition by its directory in sysfs.
class Device {
 public:
  /// Follows a link of sysfs. Nothing where that leads to no block device.
  static std::optional<Device> at(const fs::path& link) {
    std::error_code error;
    const fs::path directory = fs::canonical(link, error);
    if (error || !is_there(directory / "size")) return std::nullopt;
    return Device(directory);
  }

  std::string name() const { return directory_.filename().string(); }
  bool is_partition() const { return is_there(directory_ / "partition"); }
  /// Its number; none of a whole disk.
  std::optional<std::uint32_t> partition() const {
    std::ifstream file(directory_ / "partition");
    std::uint32_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
  }
  Device whole_disk() const { return is_partition() ? Device(directory_.parent_path()) : *this; }
  /// As a loop device without a file.
  bool is_empty() const {
    std::ifstream file(directory_ / "size");
    std::uint64_t sectors = 0;
    return !(file >> sectors) || sectors == 0;
  }
  /// Only the disks of request-based drivers have queues of requests.
  bool has_requests() const { return is_there(directory_ / "mq"); }

 private:
  explicit Device(fs::path directory) : directory_(std::move(directory)) {}
  fs::path directory_;
};

fs::path class_link(const Root& root, const std::string& name) {
  return root.at("/sys/class/block") / name;
}

/// A slash in a name is a ! in sysfs, as in cciss!c0d0.
std::string with_replaced(char from, char to, std::string name) {
  std::replace(name.begin(), name.end(), from, to);
  return name;
}

std::optional<Device> find_by_name(const Root& root, const std::string& name) {
  if (name.empty()) return std::nullopt;
  return Device::at(class_link(root, with_replaced('/', '!', name)));
}

/// By what a file is, whatever its name.
std::optional<Device> find_by_path(const Root& root, const fs::path& path) {
  struct stat file = {};
  if (::stat(path.c_str(), &file) != 0 || !S_ISBLK(file.st_mode)) return std::nullopt;
  return Device::at(root.at("/sys/dev/block") /
                    fmt::format("{}:{}", ::major(file.st_rdev), ::minor(file.st_rdev)));
}

std::optional<Device> find_device(const Root& root, const std::string& given) {
  constexpr std::string_view kDev = "/dev/";
  if (!given.starts_with('/')) {
    const auto device = find_by_name(root, given);
    return device ? device : find_by_path(root, given);
  }
  auto device = find_by_path(root, root.at(given));
  if (device || !given.starts_with(kDev)) return device;
  return find_by_name(root, given.substr(kDev.size()));
}

/// The paths below a disk of NVMe multipath: nvme0c1n1 and nvme0c2n1 of nvme0n1
/// (drivers/nvme/host: multipath.c, nvme_mpath_alloc_disk; core.c, nvme_alloc_ns).
/// They are hidden: they have requests, and no device number in sysfs.
std::vector<std::string> nvme_paths(const Root& root, const std::string& head) {
  const std::size_t n = head.rfind('n');
  std::vector<std::string> paths;
  if (!head.starts_with("nvme") || n == 0) return paths;
  const std::string begin = head.substr(0, n) + 'c';
  const std::string_view end = std::string_view(head).substr(n);
  for (const std::string& name : names_in(root.at("/sys/class/block"))) {
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    std::string_view controller = name;
    controller = controller.substr(begin.size(), name.size() - begin.size() - end.size());
    if (controller.find_first_not_of("0123456789") != std::string_view::npos) continue;
    const auto path = find_by_name(root, name);
    if (path && path->has_requests()) paths.push_back(name);
  }
  return paths;
}

/// Of all queues of a disk.
std::uint64_t tags_of(const fs::path& disk) {
  std::uint64_t sum = 0;
  for (const std::string& queue : names_in(disk / "mq")) {
    std::ifstream file(disk / "mq" / queue / "nr_tags");
    std::uint64_t tags = 0;
    if (file >> tags) sum += tags;
  }
  return sum;
}

bool is_numbered(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind) || name == kind) return false;
  return name.find_first_not_of("0123456789", kind.size()) == std::string_view::npos;
}

/// Whose tags a disk has: those of its SCSI host or of its NVMe controller (hostN and nvmeN
/// among the directories above it) serve all disks of that; of other drivers each has its own.
fs::path owner_of_tags(const fs::path& disk) {
  std::error_code error;
  fs::path directory = fs::canonical(disk, error);
  if (error) return disk;
  fs::path above;
  for (const fs::path& name : directory) {
    above /= name;
    if (is_numbered(name.string(), "host") || is_numbered(name.string(), "nvme")) return above;
  }
  return directory;
}

}  // namespace

Result<std::vector<DiskPart>> find_disk(const Root& root, const std::string& given,
                                        bool with_heads) {
  const auto device = find_device(root, given);
  if (!device) return fail(fmt::format("no disk {} (see ls /sys/class/block)", given));
  const Device disk = device->whole_disk();
  const DiskPart own = {with_replaced('!', '/', disk.name()), device->partition(),
                        disk.has_requests()};
  if (own.has_requests) return std::vector{own};
  const auto paths = nvme_paths(root, disk.name());
  if (paths.empty()) return std::vector{own};
  if (device->is_partition() && !with_heads) {
    return fail(fmt::format("{} is a partition of {}, whose requests go to its paths, which have "
                            "no partitions: use -d {}, or --layer=bio",
                            given, disk.name(), disk.name()));
  }
  std::vector<DiskPart> parts;
  if (with_heads) parts.push_back(own);
  if (device->is_partition()) return parts;
  for (const std::string& path : paths) parts.push_back({path, {}});
  return parts;
}

std::vector<BlockDevice> list_devices(const Root& root) {
  std::vector<BlockDevice> devices;
  const fs::path block = root.at("/sys/block");
  for (const std::string& name : names_in(block)) {
    const auto device = Device::at(block / name);
    if (!device || device->is_empty()) continue;
    const auto below = names_in(block / name / "slaves");
    BlockDevice found = {with_replaced('!', '/', name), device->has_requests(), {}};
    for (const std::string& one : below) found.below.push_back(with_replaced('!', '/', one));
    if (found.below.empty() && !found.has_requests) found.below = nvme_paths(root, name);
    devices.push_back(std::move(found));
  }
  return devices;
}

Devices count_devices(const Root& root) {
  Devices devices = {};
  for (const std::string& name : names_in(root.at("/sys/class/block"))) {
    const auto device = Device::at(class_link(root, name));
    if (!device) continue;
    if (device->is_partition()) {
      ++devices.partitions;
    } else {
      ++(device->has_requests() ? devices.disks : devices.without_requests);
    }
  }
  return devices;
}

std::uint64_t most_in_flight(const Root& root) {
  std::map<fs::path, std::uint64_t> by_owner;
  const fs::path block = root.at("/sys/block");
  for (const std::string& disk : names_in(block)) {
    std::uint64_t& tags = by_owner[owner_of_tags(block / disk)];
    tags = std::max(tags, tags_of(block / disk));
  }
  std::uint64_t sum = 0;
  for (const auto& [owner, tags] : by_owner) sum += tags;
  return sum;
}

}  // namespace disksnoop
