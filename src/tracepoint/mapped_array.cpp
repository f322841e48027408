#include "tracepoint/mapped_array.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "system/unique_fd.h"

namespace disksnoop {

void MappedArray::Unmap::operator()(std::byte* memory) const { ::munmap(memory, bytes); }

Result<MappedArray> MappedArray::open(int map_fd, std::string_view name, std::size_t values,
                                      std::size_t value_size, Access access) {
  const std::size_t each = (value_size + 7) / 8 * 8;  // as array_map_alloc() rounds it up
  const int protection = access == Access::kWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* const memory = ::mmap(nullptr, values * each, protection, MAP_SHARED, map_fd, 0);
  if (memory == MAP_FAILED) {
    return fail(fmt::format("cannot map {} of the program: {}", name, std::strerror(errno)));
  }
  return MappedArray({static_cast<std::byte*>(memory), Unmap{values * each}}, values, each);
}

bool has_mapped_arrays() {
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = BPF_F_MMAPABLE;
  const UniqueFd made(bpf_map_create(BPF_MAP_TYPE_ARRAY, nullptr, sizeof(std::uint32_t),
                                     sizeof(std::uint64_t), 1, &options));
  return made.get() >= 0;
}

}  // namespace disksnoop
