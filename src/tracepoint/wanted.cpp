#include "tracepoint/wanted.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "parts/process_filter.h"
#include "system/cgroup.h"
#include "system/process.h"
#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

constexpr std::uint8_t kHere = 1;

Result<int> open_cgroups(const Wanted::MapFd& map_fd) {
  const auto fd = map_fd("cgroups");
  if (!fd) return fd;
  const auto room = check_map(*fd, "cgroups", sizeof(std::uint64_t), sizeof(kHere));
  if (!room) return std::unexpected(room.error());
  return fd;
}

Result<void> add_cgroup(int set, std::uint64_t number) {
  if (bpf_map_update_elem(set, &number, &kHere, BPF_ANY) == 0) return {};
  return fail(errno == E2BIG ? std::string("so many values of a filter have no room")
                             : fmt::format("cannot set a filter: {}", std::strerror(errno)));
}

/// Marks the numbers in the program's table of them.
Result<void> mark_processes(const Wanted::MapFd& map_fd, const std::vector<std::uint32_t>& pids) {
  const auto table = map_fd("processes");
  if (!table) return std::unexpected(table.error());
  const auto pages = check_map(*table, "processes", sizeof(std::uint32_t), sizeof(pids_t));
  if (!pages) return std::unexpected(pages.error());
  for (const std::uint32_t pid : pids) {
    const std::uint32_t page = pid / PIDS_EACH;
    pids_t marks = {};
    const bool is_known = bpf_map_lookup_elem(*table, &page, &marks) == 0;
    marks.wanted[pid % PIDS_EACH] = kHere;
    if (!is_known || bpf_map_update_elem(*table, &page, &marks, BPF_ANY) != 0) {
      return fail(fmt::format("cannot set a filter: {}", std::strerror(errno)));
    }
  }
  return {};
}

}  // namespace

Result<Wanted> Wanted::find(const Filter& filter, const Root& root) {
  Wanted wanted;
  wanted.filter_ = filter;
  if (!filter.pids.empty()) {
    if (auto own = check_own_proc(); !own) return std::unexpected(own.error());
  }
  for (const std::uint32_t pid : filter.pids) {
    if (auto there = check_process(root, pid); !there) return std::unexpected(there.error());
  }
  for (const std::string& comm : filter.comms) {
    if (is_any_called(root, comm)) continue;
    wanted.awaited_.push_back(fmt::format("nothing is called {} yet", comm));
  }
  if (auto found = wanted.find_groups(root); !found) return std::unexpected(found.error());
  return wanted;
}

Result<void> Wanted::find_groups(const Root& root) {
  if (filter_.cgroups.empty()) return {};
  const auto all = find_cgroups(root);
  if (!all) return std::unexpected(all.error());
  hierarchy_ = all->directory;
  for (const std::string& given : filter_.cgroups) {
    const auto directory = cgroup_directory(root, hierarchy_, given);
    const auto number = cgroup_number(hierarchy_, directory);
    if (!number) return std::unexpected(number.error());
    cgroups_[directory] = *number;
    if (*number) continue;
    awaited_.push_back(fmt::format("there is no cgroup {} yet", directory.string()));
  }
  return {};
}

Result<void> Wanted::fill(const MapFd& map_fd) {
  if (!filter_.pids.empty()) {
    if (auto marked = mark_processes(map_fd, filter_.pids); !marked) return marked;
  }
  if (cgroups_.empty()) return {};
  const auto set = open_cgroups(map_fd);
  if (!set) return std::unexpected(set.error());
  cgroups_fd_ = *set;
  for (const auto& [directory, number] : cgroups_) {
    if (!number) continue;
    if (auto added = add_cgroup(cgroups_fd_, *number); !added) return added;
  }
  return {};
}

Result<void> Wanted::look_again() {
  Result<void> result;
  for (auto& [directory, number] : cgroups_) {
    const auto now = cgroup_number(hierarchy_, directory);
    if (!now) {
      // It counts as it was, then.
      if (told_.insert(directory).second) result = std::unexpected(now.error());
      continue;
    }
    if (*now == number) continue;
    if (number) bpf_map_delete_elem(cgroups_fd_, &*number);
    number = *now;
    if (!number) continue;
    if (auto added = add_cgroup(cgroups_fd_, *number); !added) result = added;
  }
  return result;
}

}  // namespace disksnoop
