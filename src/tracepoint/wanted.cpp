#include "tracepoint/wanted.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "system/cgroup.h"
#include "system/process.h"
#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

constexpr std::size_t kCommBytes = 16;
constexpr std::uint8_t kHere = 1;

/// A set of the program: a hash whose values say nothing.
template <class Key>
Result<int> open_set(const Wanted::MapFd& map_fd, const std::string& name) {
  const auto fd = map_fd(name);
  if (!fd) return fd;
  const auto room = check_map(*fd, name, sizeof(Key), sizeof(kHere));
  if (!room) return std::unexpected(room.error());
  return fd;
}

template <class Key>
Result<void> add(int set, const Key& key) {
  if (bpf_map_update_elem(set, &key, &kHere, BPF_ANY) == 0) return {};
  return fail(errno == E2BIG ? std::string("so many values of a filter have no room")
                             : fmt::format("cannot set a filter: {}", std::strerror(errno)));
}

template <class Key, class Values, class KeyOf>
Result<void> fill_set(const Wanted::MapFd& map_fd, const std::string& name, const Values& values,
                      const KeyOf& key_of) {
  if (values.empty()) return {};
  const auto set = open_set<Key>(map_fd, name);
  if (!set) return std::unexpected(set.error());
  for (const auto& value : values) {
    if (auto added = add<Key>(*set, key_of(value)); !added) return added;
  }
  return {};
}

std::array<char, kCommBytes> comm_key(const std::string& comm) {
  std::array<char, kCommBytes> key = {};
  comm.copy(key.data(), key.size() - 1);
  return key;
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
  hierarchy_ = *all;
  for (const std::string& given : filter_.cgroups) {
    const auto directory = cgroup_directory(root, hierarchy_, given);
    cgroups_[directory] = cgroup_number(hierarchy_, directory);
    if (cgroups_[directory]) continue;
    awaited_.push_back(fmt::format("there is no cgroup {} yet", directory.string()));
  }
  return {};
}

Result<void> Wanted::fill(const MapFd& map_fd) {
  auto filled = fill_set<std::uint32_t>(map_fd, "processes", filter_.pids,
                                        [](std::uint32_t pid) { return pid; });
  if (!filled) return filled;
  filled = fill_set<std::array<char, kCommBytes>>(map_fd, "comms", filter_.comms, comm_key);
  if (!filled || cgroups_.empty()) return filled;
  const auto set = open_set<std::uint64_t>(map_fd, "cgroups");
  if (!set) return std::unexpected(set.error());
  cgroups_fd_ = *set;
  for (const auto& [directory, number] : cgroups_) {
    if (!number) continue;
    if (auto added = add(cgroups_fd_, *number); !added) return added;
  }
  return {};
}

Result<void> Wanted::look_again() {
  for (auto& [directory, number] : cgroups_) {
    const auto now = cgroup_number(hierarchy_, directory);
    if (now == number) continue;
    if (number) bpf_map_delete_elem(cgroups_fd_, &*number);
    number = now;
    if (!now) continue;
    if (auto added = add(cgroups_fd_, *now); !added) return added;
  }
  return {};
}

}  // namespace disksnoop
