#include "tracepoint/slots.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>

#include "system/unique_fd.h"
#include "tracepoint/mapped_array.h"

namespace disksnoop {
namespace {

constexpr std::uint64_t kFewestSlots = 1024;
constexpr std::uint64_t kMostSlots = 65'536;

std::uint64_t load(const std::byte* at) {
  return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(at), __ATOMIC_ACQUIRE);
}

}  // namespace

bool has_compare_and_exchange() {
  // r1 = 0; *(u64 *)(r10 - 8) = r1; r0 = r1; cmpxchg(*(u64 *)(r10 - 8), r0, r1); exit
  constexpr std::uint8_t kMove = BPF_ALU64 | BPF_MOV;
  const std::array<bpf_insn, 5> program = {{
      {kMove | BPF_K, BPF_REG_1, 0, 0, 0},
      {BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_1, -8, 0},
      {kMove | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0},
      {BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_10, BPF_REG_1, -8, BPF_CMPXCHG},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  }};
  const UniqueFd loaded(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, nullptr, "GPL", program.data(),
                                      program.size(), nullptr));
  return loaded.get() >= 0;
}

unsigned bucket_bits(std::uint64_t most_in_flight) {
  const std::uint64_t in_flight = std::min(most_in_flight, kMostSlots);
  const std::uint64_t slots = std::clamp(4 * in_flight, kFewestSlots, kMostSlots);
  return static_cast<unsigned>(std::bit_width(std::bit_ceil(slots) / SLOTS_EACH) - 1);
}

std::size_t Slots::bucket_size(std::size_t entry_size) {
  return SLOTS_EACH * (sizeof(std::uint64_t) + entry_size);
}

Result<void> Slots::for_each(const std::function<void(std::uint64_t, const start_t&)>& take) const {
  const auto buckets = MappedArray::open(map_fd_, "the requests in flight", places_,
                                         bucket_size(entry_size_), MappedArray::Access::kRead);
  if (!buckets) return std::unexpected(buckets.error());
  for (std::size_t place = 0; place < places_; ++place) {
    const std::byte* const bucket = (*buckets)[place];
    for (std::size_t i = 0; i < SLOTS_EACH; ++i) {
      const std::byte* const request = bucket + i * sizeof(std::uint64_t);
      const std::uint64_t address = load(request);
      if (address == 0 || address % 2 != 0) continue;
      start_t entry = {};
      std::memcpy(&entry, bucket + SLOTS_EACH * sizeof(std::uint64_t) + i * entry_size_,
                  sizeof(entry));
      std::atomic_thread_fence(std::memory_order_acquire);
      if (load(request) == address) take(address, entry);
    }
  }
  return {};
}

}  // namespace disksnoop
