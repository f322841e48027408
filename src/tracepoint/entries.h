// The requests in flight, as the program keeps them (bpf_text/in_flight.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/error.h"
#include "block_rq.h"
#include "tracepoint/slots.h"

namespace disksnoop {

class Entries {
 public:
  /// By the address of the request.
  using All = std::map<std::uint64_t, start_t>;

  /// The hash `start`, and the array `buckets`, or -1 where there are no slots; the
  /// descriptors stay their owner's. Error: entries of another size.
  static Result<Entries> open(int hash_fd, int buckets_fd, std::size_t entry_size);

  /// What comes and goes meanwhile may be left out.
  Result<All> all() const;

  /// How many the hash can have.
  std::size_t room() const { return room_; }
  /// Slots::take_back(); nothing where there are none.
  Result<void> take_back_slots(std::uint64_t before_ns) const {
    return slots_ ? slots_->take_back(before_ns) : Result<void>();
  }
  /// Takes one out of the hash; false if it is not there.
  bool remove_hashed(std::uint64_t request) const;

 private:
  Entries(int hash_fd, std::size_t room, std::size_t entry_size, std::optional<Slots> slots)
      : hash_fd_(hash_fd), room_(room), entry_size_(entry_size), slots_(slots) {}

  Result<void> add_hashed(All& entries) const;

  int hash_fd_;
  std::size_t room_;
  std::size_t entry_size_;
  std::optional<Slots> slots_;
};

}  // namespace disksnoop
