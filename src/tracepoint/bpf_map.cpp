#include "tracepoint/bpf_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "system/privileges.h"
#include "system/refusal.h"
#include "system/unique_fd.h"

namespace disksnoop {

Result<std::size_t> check_map(int fd, std::string_view name, std::size_t key, std::size_t value) {
  bpf_map_info info = {};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) {
    return fail(fmt::format("cannot look at the map {}: {}", name, std::strerror(errno)));
  }
  if (info.key_size != key || info.value_size != value) {
    return fail(fmt::format("the map {} has keys of {} and values of {} bytes, not of {} and {}",
                            name, info.key_size, info.value_size, key, value));
  }
  return std::size_t{info.max_entries};
}

Result<void> try_maps(std::size_t values, std::size_t value_size, std::size_t ring_bytes) {
  const auto number = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  const auto refused = [] {
    return std::unexpected(explain_map_refusal_by(std::strerror(errno), most_locked_bytes()));
  };
  const UniqueFd hash(bpf_map_create(BPF_MAP_TYPE_HASH, "disksnoop", sizeof(std::uint64_t),
                                     number(value_size), number(values), nullptr));
  if (!hash) return refused();
  if (ring_bytes == 0) return {};
  const UniqueFd ring(
      bpf_map_create(BPF_MAP_TYPE_RINGBUF, "disksnoop", 0, 0, number(ring_bytes), nullptr));
  if (!ring) return refused();
  return {};
}

Result<std::size_t> possible_cpus() {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus > 0) return static_cast<std::size_t>(cpus);
  return fail(fmt::format("cannot tell how many CPUs there can be: {}", std::strerror(-cpus)));
}

}  // namespace disksnoop
