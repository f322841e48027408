#include "tracepoint/entries.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "tracepoint/bpf_map.h"

namespace disksnoop {

Result<Entries> Entries::open(int hash_fd, int buckets_fd, std::size_t entry_size) {
  const auto room = check_map(hash_fd, "start", sizeof(std::uint64_t), entry_size);
  if (!room) return std::unexpected(room.error());
  std::optional<Slots> slots;
  if (buckets_fd >= 0) {
    const auto places =
        check_map(buckets_fd, "buckets", sizeof(std::uint32_t), Slots::bucket_size(entry_size));
    if (!places) return std::unexpected(places.error());
    slots.emplace(buckets_fd, *places, entry_size);
  }
  return Entries(hash_fd, *room, entry_size, slots);
}

Result<Entries::All> Entries::all() const {
  All entries;
  if (slots_) {
    const auto add = [&entries](std::uint64_t request, const start_t& entry) {
      entries.insert_or_assign(request, entry);
    };
    if (auto done = slots_->for_each(add); !done) return std::unexpected(done.error());
  }
  if (auto done = add_hashed(entries); !done) return std::unexpected(done.error());
  return entries;
}

Result<void> Entries::add_hashed(All& entries) const {
  std::vector<std::byte> value(entry_size_);
  std::uint64_t key = 0;
  std::uint64_t next = 0;
  // After a key that has gone meanwhile the kernel begins again: there is a limit,
  // and an entry may come twice.
  for (std::size_t i = 0; i < 2 * room_; ++i) {
    if (bpf_map_get_next_key(hash_fd_, i == 0 ? nullptr : &key, &next) != 0) {
      if (errno == ENOENT) return {};
      return fail(fmt::format("cannot read the hash of requests: {}", std::strerror(errno)));
    }
    key = next;
    if (bpf_map_lookup_elem(hash_fd_, &key, value.data()) != 0) continue;
    start_t entry = {};
    std::memcpy(&entry, value.data(), sizeof(entry));
    entries.insert_or_assign(key, entry);
  }
  return {};
}

bool Entries::remove_hashed(std::uint64_t request) const {
  return bpf_map_delete_elem(hash_fd_, &request) == 0;
}

}  // namespace disksnoop
