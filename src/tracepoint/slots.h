// Where the program keeps requests in flight (bpf_text/in_flight.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/error.h"
#include "block_rq.h"

namespace disksnoop {

/// Whether programs have a compare-and-exchange, by which a slot is claimed: the kernel
/// is given one to load (5.12 and later have it).
bool has_compare_and_exchange();

/// The exponent of 2 of the number of places for requests in flight, so that requests hardly ever
/// find none free: four to eight slots for each that can be in flight, but at least 1,024 and at
/// most 65,536.
unsigned bucket_bits(std::uint64_t most_in_flight);

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

 private:
  int map_fd_;
  std::size_t places_;
  std::size_t entry_size_;
};

}  // namespace disksnoop
