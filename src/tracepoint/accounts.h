// What the program block_rq keeps beside the requests that it hands over: what is in flight,
// and what was counted as no row.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "block_rq.h"
#include "system/kernel_clock.h"
#include "tracepoint/entries.h"
#include "tracepoint/losses.h"
#include "tracepoint/mapped_array.h"

namespace disksnoop {

/// Maps of the program, and those of its functions that are not attached; the
/// descriptors are their owner's.
struct AccountParts {
  int start;
  int buckets;  ///< -1 where there are no slots
  int counts;
  int since;
  int begin;
  int ask;
  int asked = -1;            ///< where `ask` tells the disk; -1: it does not
  bool keeps_slots = false;  ///< SlotClaim::kKeep
  int ask_bio = -1;          ///< `ask` of a bio; -1: none is traced
};

class Accounts {
 public:
  /// Error: maps whose entries have another size.
  static Result<Accounts> open(const AccountParts& parts, std::size_t entry_size);

  /// All hooks are attached: what completes from now on without an issue was in
  /// flight at this moment.
  Result<void> started();
  /// To be called before the hook of the issue goes: what completes from now on
  /// without an issue is no loss.
  Result<void> stopping();

  /// Without the runs that the kernel skipped, which the session knows.
  Result<Losses> losses() const;

  /// Oldest first; to be asked while completions are watched. What turns out to have completed is
  /// counted among the losses. Only what is in flight is there on kernels that can be asked (5.10
  /// and later); else all of which no completion was seen.
  Result<std::vector<InFlight>> in_flight();

  /// Forgets requests in flight whose completion was not shown, and counts
  /// them: their number grows with the days, and the hash has an end. Of a bio, and where the
  /// kernel cannot be asked, ten minutes without a completion are taken for one,
  /// but only once there are half as many as the hash has room for. Slots that were kept for so
  /// long for a request that did not come again are taken back. `now_ns` by the kernel's clock.
  Result<void> forget_completed(std::uint64_t now_ns);
  /// The same, once a minute.
  Result<void> forget_completed_in_time(std::uint64_t now_ns);

  /// How far the kernel's clock is ahead of ours: 0 but in a time namespace, where the
  /// program's own clock tells; nothing where it does not.
  std::optional<std::int64_t> measure_kernel_clock() const;

 private:
  using Clock = std::chrono::steady_clock;

  Accounts(const AccountParts& parts, const Entries& entries, std::size_t cpus,
           std::optional<MappedArray> asked)
      : parts_(parts), entries_(entries), cpus_(cpus), asked_(std::move(asked)) {}

  /// What the program says of this request or bio: 1 and its age in ms, or 0 if it is not in
  /// flight; none where it cannot be asked. `disk` is left alone where that is not told.
  std::optional<std::uint32_t> ask(std::uint64_t address, bool is_bio, std::string& disk) const;

  /// The sum over all CPUs.
  Result<std::uint64_t> count(count_t index) const;

  AccountParts parts_;
  Entries entries_;
  std::size_t cpus_;
  std::optional<MappedArray> asked_;
  /// Asked now: it takes reading files, which the sandbox forbids later.
  bool shares_kernel_clock_ = kernel_now_ns().has_value();
  Losses before_;                  ///< what had been counted at the start
  std::optional<Losses> at_stop_;  ///< and when the end began
  std::uint64_t forgotten_ = 0;
  Clock::time_point last_forgetting_ = Clock::now();
};

/// CLOCK_MONOTONIC of this process.
std::uint64_t our_now_ns();

}  // namespace disksnoop
