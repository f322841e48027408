#include "tracepoint/bpf_map.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

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

}  // namespace disksnoop
