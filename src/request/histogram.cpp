#include "request/histogram.h"

#include <algorithm>
#include <limits>

#include "buckets.h"

namespace disksnoop {

static_assert(Histogram::kBuckets == BUCKETS && Histogram::kBucketsEach == BUCKETS_EACH);

void Histogram::add(std::uint64_t ns) {
  add_counted(bucket_of(ns), 1);
  add_sum(ns, ns);
}

void Histogram::add_counted(std::size_t bucket, std::uint64_t times) {
  if (times == 0) return;
  const auto number = static_cast<std::uint16_t>(bucket);
  const auto at =
      std::ranges::lower_bound(counts_, number, {}, [](const auto& count) { return count.first; });
  if (at != counts_.end() && at->first == number) {
    at->second += times;
  } else {
    counts_.insert(at, {number, times});
  }
  count_ += times;
}

void Histogram::add_sum(std::uint64_t sum_ns, std::uint64_t max_ns) {
  sum_ns_ += sum_ns;
  max_ns_ = std::max(max_ns_, max_ns);
}

void Histogram::merge(const Histogram& other) {
  for (const auto& [bucket, times] : other.counts_) add_counted(bucket, times);
  add_sum(other.sum_ns_, other.max_ns_);
}

std::optional<std::uint64_t> Histogram::mean_ns() const {
  if (empty()) return std::nullopt;
  return sum_ns_ / count_;
}

std::optional<std::uint64_t> Histogram::percentile_ns(unsigned per_mille) const {
  if (empty()) return std::nullopt;
  // The nearest rank, without a product that 64 bits do not hold.
  const std::uint64_t rank = count_ / 1000 * per_mille + (count_ % 1000 * per_mille + 999) / 1000;
  std::uint64_t below = 0;
  for (const auto& [bucket, times] : counts_) {
    below += times;
    if (below >= rank) return std::min(upper_limit_ns(bucket), max_ns_);
  }
  return max_ns_;
}

std::size_t Histogram::bucket_of(std::uint64_t ns) { return bucket_of_ns(ns); }

std::uint64_t Histogram::lower_limit_ns(std::size_t bucket) {
  constexpr unsigned kFirstWidthBits = FIRST_DOUBLING - BUCKETS_EACH_BITS;
  if (bucket < BUCKETS_EACH) return std::uint64_t{bucket} << kFirstWidthBits;
  const std::size_t doubling = bucket / BUCKETS_EACH - 1;
  return std::uint64_t{BUCKETS_EACH + bucket % BUCKETS_EACH} << (doubling + kFirstWidthBits);
}

std::uint64_t Histogram::upper_limit_ns(std::size_t bucket) {
  if (bucket + 1 >= BUCKETS) return std::numeric_limits<std::uint64_t>::max();
  return lower_limit_ns(bucket + 1) - 1;
}

}  // namespace disksnoop
