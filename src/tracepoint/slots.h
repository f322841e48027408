// Where the program keeps requests in flight (bpf_text/in_flight.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/error.h"
#include "block_rq.h"
#include "tracepoint/mapped_array.h"

namespace disksnoop {

/// How a request comes to a slot.
enum class SlotClaim {
  kNone,      ///< there are no slots
  kKeep,      ///< it keeps the one that it had before
  kExchange,  ///< by a compare-and-exchange, which programs have since 5.12
};

/// The kernel is given a program and a map, to see what it has.
SlotClaim slot_claim();

/// For how many requests in flight there is room where the disks can have so many: for all of
/// them, but at least 32,768, as disks may come later, and at most 262,144.
std::uint64_t requests_with_room(std::uint64_t most_in_flight);

/// The exponent of 2 of the number of places for these requests, whose entries have this size, so
/// that requests hardly ever find none free: four to eight slots for each that can be in flight,
/// but at least 1,024, and no more than 64 MiB hold.
unsigned bucket_bits(std::uint64_t most_in_flight, std::size_t entry_size);

/// The array of slots, read while the program goes on with it.
class Slots {
 public:
  /// The bytes of one place, with entries of this size.
  static std::size_t bucket_size(std::size_t entry_size);

  /// `places` as the map has them.
  Slots(int map_fd, std::size_t places, std::size_t entry_size)
      : map_fd_(map_fd), places_(places), entry_size_(entry_size) {}

  /// Each request in flight: its address and its entry. What comes and goes meanwhile
  /// may be left out.
  Result<void> for_each(const std::function<void(std::uint64_t, const start_t&)>& take) const;

  /// Where slots are kept: takes back those whose requests are at rest, and were issued before
  /// this time of the kernel's clock. They are free after the next call, by when no program may
  /// still be about to put a request there: seconds later, and sooner only while none runs.
  Result<void> take_back(std::uint64_t before_ns) const;

 private:
  /// With the word of each, and its entry.
  Result<void> for_each_slot(MappedArray::Access access,
                             const std::function<void(std::byte*, const std::byte*)>& take) const;

  int map_fd_;
  std::size_t places_;
  std::size_t entry_size_;
};

}  // namespace disksnoop
