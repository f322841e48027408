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

namespace disksnoop {
namespace {

constexpr std::uint64_t kFewestWithRoom = 32'768;
constexpr std::uint64_t kMostWithRoom = 262'144;
constexpr std::uint64_t kFewestSlots = 1024;
constexpr std::uint64_t kMostSlotBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMarks = 3;  // slot_mark_t

/// A slot is kept by stores that others see in their order.
#ifdef __x86_64__
constexpr bool kCanKeepSlots = true;
#else
constexpr bool kCanKeepSlots = false;
#endif

std::uint64_t load(const std::byte* at) {
  return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(at), __ATOMIC_ACQUIRE);
}

void exchange(std::byte* at, std::uint64_t expected, std::uint64_t wanted) {
  __atomic_compare_exchange_n(reinterpret_cast<std::uint64_t*>(at), &expected, wanted, false,
                              __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

start_t entry_at(const std::byte* at) {
  start_t entry = {};
  std::memcpy(&entry, at, sizeof(entry));
  return entry;
}

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

}  // namespace

SlotClaim slot_claim() {
  if (has_compare_and_exchange()) return SlotClaim::kExchange;
  return kCanKeepSlots && has_mapped_arrays() ? SlotClaim::kKeep : SlotClaim::kNone;
}

std::uint64_t requests_with_room(std::uint64_t most_in_flight) {
  return std::clamp(most_in_flight, kFewestWithRoom, kMostWithRoom);
}

unsigned bucket_bits(std::uint64_t most_in_flight, std::size_t entry_size) {
  const std::uint64_t in_flight = std::min(most_in_flight, kMostWithRoom);
  const std::uint64_t slots = std::bit_ceil(std::max(4 * in_flight, kFewestSlots));
  const std::uint64_t fit = std::bit_floor(kMostSlotBytes / Slots::bucket_size(entry_size));
  return static_cast<unsigned>(std::bit_width(std::min(slots / SLOTS_EACH, fit)) - 1);
}

std::size_t Slots::bucket_size(std::size_t entry_size) {
  return SLOTS_EACH * (sizeof(std::uint64_t) + entry_size);
}

Result<void> Slots::for_each_slot(
    MappedArray::Access access,
    const std::function<void(std::byte*, const std::byte*)>& take) const {
  const auto buckets = MappedArray::open(map_fd_, "the requests in flight", places_,
                                         bucket_size(entry_size_), access);
  if (!buckets) return std::unexpected(buckets.error());
  for (std::size_t place = 0; place < places_; ++place) {
    std::byte* const bucket = (*buckets)[place];
    const std::byte* const entries = bucket + SLOTS_EACH * sizeof(std::uint64_t);
    for (std::size_t i = 0; i < SLOTS_EACH; ++i) {
      take(bucket + i * sizeof(std::uint64_t), entries + i * entry_size_);
    }
  }
  return {};
}

Result<void> Slots::for_each(const std::function<void(std::uint64_t, const start_t&)>& take) const {
  return for_each_slot(MappedArray::Access::kRead, [&](std::byte* slot, const std::byte* at) {
    const std::uint64_t address = load(slot);
    if (address == 0 || (address & kMarks) != 0) return;
    const start_t entry = entry_at(at);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (load(slot) == address) take(address, entry);
  });
}

Result<void> Slots::take_back(std::uint64_t before_ns) const {
  return for_each_slot(MappedArray::Access::kWrite, [&](std::byte* slot, const std::byte* at) {
    const std::uint64_t word = load(slot);
    if ((word & kMarks) == TAKEN_BACK) return exchange(slot, word, 0);
    if ((word & kMarks) != AT_REST) return;
    const std::uint64_t issued = entry_at(at).ts;
    if (issued != 0 && issued < before_ns) exchange(slot, word, word | TAKEN_BACK);
  });
}

}  // namespace disksnoop
