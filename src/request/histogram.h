// Times, counted in buckets: what they are like without keeping each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace disksnoop {

/// Of times in ns. Their number, their sum and the longest are exact; what else is told
/// is told by the bucket (bpf_text/buckets.h): too high by at most 1/32 from 1 µs to 18 min.
class Histogram {
 public:
  /// A bucket by its number, and how many times are in it.
  using Counts = std::vector<std::pair<std::uint16_t, std::uint64_t>>;

  /// How many buckets there are, the last of which has no end.
  static constexpr std::size_t kBuckets = 993;
  /// So many of them are a doubling; before the first one there are as many.
  static constexpr std::size_t kBucketsEach = 32;

  void add(std::uint64_t ns);
  /// Takes what was counted elsewhere: times in the bucket of this number.
  void add_counted(std::size_t bucket, std::uint64_t times);
  /// What belongs to times that were counted: their sum, and one that was the longest.
  void add_sum(std::uint64_t sum_ns, std::uint64_t max_ns);
  void merge(const Histogram& other);

  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }
  std::uint64_t max_ns() const { return max_ns_; }
  /// None where there are no times.
  std::optional<std::uint64_t> mean_ns() const;

  /// A time that is not exceeded by this share of them, in 1/1000: of the smallest such
  /// times the upper limit of its bucket, but never more than the longest. None where there
  /// are no times.
  std::optional<std::uint64_t> percentile_ns(unsigned per_mille) const;

  /// Those that are not empty, from the shortest times on.
  const Counts& counts() const { return counts_; }

  /// The number of the bucket of a time.
  static std::size_t bucket_of(std::uint64_t ns);
  /// The shortest and the longest time that the bucket of this number can have; of the last
  /// one the longest is 2^64 - 1.
  static std::uint64_t lower_limit_ns(std::size_t bucket);
  static std::uint64_t upper_limit_ns(std::size_t bucket);

  bool operator==(const Histogram&) const = default;

 private:
  Counts counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace disksnoop
