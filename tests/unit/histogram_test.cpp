#include "request/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "buckets.h"
#include "histogram_of.h"

namespace disksnoop {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

/// The smallest time that at least this share does not exceed.
std::uint64_t exact_percentile(std::vector<std::uint64_t> times, unsigned per_mille) {
  std::ranges::sort(times);
  const std::size_t rank = (times.size() * per_mille + 999) / 1000;
  return times.at(std::max<std::size_t>(rank, 1) - 1);
}

TEST(Buckets, EachTimeIsBetweenTheLimitsOfItsBucket) {
  ASSERT_EQ(BUCKETS, 993);
  EXPECT_EQ(Histogram::lower_limit_ns(0), 0U);
  for (unsigned bucket = 0; bucket < BUCKETS; ++bucket) {
    const std::uint64_t lower = Histogram::lower_limit_ns(bucket);
    const std::uint64_t upper = Histogram::upper_limit_ns(bucket);
    EXPECT_EQ(bucket_of_ns(lower), bucket);
    EXPECT_EQ(bucket_of_ns(lower + (upper - lower) / 2), bucket);
    EXPECT_EQ(bucket_of_ns(upper), bucket);
    if (bucket + 1 < BUCKETS) {
      EXPECT_EQ(Histogram::lower_limit_ns(bucket + 1), upper + 1) << bucket;
    }
  }
}

TEST(Buckets, AreAsNarrowAsTheySay) {
  for (unsigned bucket = 0; bucket < BUCKETS_EACH; ++bucket)
    EXPECT_EQ(Histogram::lower_limit_ns(bucket), bucket * 32U);
  EXPECT_EQ(Histogram::lower_limit_ns(BUCKETS_EACH), 1024U);
  for (unsigned bucket = BUCKETS_EACH; bucket + 1 < BUCKETS; ++bucket) {
    const std::uint64_t lower = Histogram::lower_limit_ns(bucket);
    EXPECT_LE((Histogram::upper_limit_ns(bucket) + 1 - lower) * 32, lower) << bucket;
  }
}

TEST(Buckets, TheLastOneHasWhatTakesLonger) {
  EXPECT_EQ(Histogram::lower_limit_ns(BUCKETS - 1), std::uint64_t{1} << 40);
  EXPECT_EQ(Histogram::upper_limit_ns(BUCKETS - 1), kMost);
  EXPECT_EQ(bucket_of_ns((std::uint64_t{1} << 40) - 1), BUCKETS - 2U);
  EXPECT_EQ(bucket_of_ns(kMost), BUCKETS - 1U);
}

TEST(Buckets, ATimeIsToldWithin1Of32) {
  for (const std::uint64_t ns : some_times(100'000)) {
    const std::uint64_t told = Histogram::upper_limit_ns(bucket_of_ns(ns));
    ASSERT_GE(told, ns);
    ASSERT_LE((told - ns) * 32, ns) << ns;
  }
}

TEST(Histogram, WithoutTimesNothingIsTold) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.mean_ns(), std::nullopt);
  EXPECT_EQ(histogram.percentile_ns(500), std::nullopt);
  EXPECT_TRUE(histogram.counts().empty());
}

TEST(Histogram, NumberSumAndLongestAreExact) {
  const Histogram histogram = histogram_of({1'000'003, 5, 77'777'777'777, 0});
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.sum_ns(), 77'778'777'785U);
  EXPECT_EQ(histogram.max_ns(), 77'777'777'777U);
  EXPECT_EQ(histogram.mean_ns(), 19'444'694'446U);
}

TEST(Histogram, OfOneTimeEachPercentileIsThatTime) {
  const Histogram histogram = histogram_of({123'456'789});
  for (const unsigned per_mille : {1U, 500U, 900U, 990U, 999U, 1000U})
    EXPECT_EQ(histogram.percentile_ns(per_mille), 123'456'789U) << per_mille;
}

TEST(Histogram, OfFewTimesAPercentileIsOneOfThem) {
  const auto told = [](std::uint64_t ns) { return Histogram::upper_limit_ns(bucket_of_ns(ns)); };
  const Histogram two = histogram_of({900'000, 100'000});
  EXPECT_EQ(two.percentile_ns(500), told(100'000));
  EXPECT_EQ(two.percentile_ns(501), 900'000U) << "the longest is known";
  EXPECT_EQ(two.percentile_ns(999), 900'000U);
  const Histogram three = histogram_of({900'000, 100'000, 500'000});
  EXPECT_EQ(three.percentile_ns(333), told(100'000));
  EXPECT_EQ(three.percentile_ns(334), told(500'000));
  EXPECT_EQ(three.percentile_ns(666), told(500'000));
  EXPECT_EQ(three.percentile_ns(667), 900'000U);
}

TEST(Histogram, PercentilesAreThoseOfTheSortedTimes) {
  for (const std::size_t count : {1U, 2U, 3U, 10U, 999U, 1000U, 1001U, 20'000U}) {
    const auto times = some_times(count);
    const Histogram histogram = histogram_of(times);
    for (const unsigned per_mille : {1U, 10U, 500U, 900U, 990U, 999U, 1000U}) {
      const std::uint64_t exact = exact_percentile(times, per_mille);
      const std::uint64_t told = *histogram.percentile_ns(per_mille);
      EXPECT_GE(told, exact) << per_mille << " of " << count;
      EXPECT_LE((told - exact) * 32, exact) << per_mille << " of " << count;
    }
  }
}

TEST(Histogram, SoManyTimesThatAProductWouldNotFit) {
  Histogram histogram;
  histogram.add_counted(bucket_of_ns(1'000'000), kMost / 4 * 3);
  histogram.add_counted(bucket_of_ns(9'000'000), kMost / 4);
  histogram.add_sum(kMost, 9'000'000);
  EXPECT_EQ(bucket_of_ns(*histogram.percentile_ns(749)), bucket_of_ns(1'000'000));
  EXPECT_EQ(histogram.percentile_ns(751), 9'000'000U);
}

TEST(Histogram, TheLastBucketTellsTheLongest) {
  const Histogram histogram = histogram_of({2'000'000'000'000, 3'000'000'000'000});
  EXPECT_EQ(histogram.counts(), (Histogram::Counts{{BUCKETS - 1, 2}}));
  EXPECT_EQ(histogram.percentile_ns(500), 3'000'000'000'000U);
}

TEST(Histogram, BucketsAreInOrderAndNotEmpty) {
  Histogram histogram = histogram_of({5000, 1, 5001, 40});
  histogram.add_counted(700, 0);
  EXPECT_EQ(histogram.counts(), (Histogram::Counts{{0, 1}, {1, 1}, {bucket_of_ns(5000), 2}}));
}

TEST(Histogram, MergedItIsAsIfAllWereAddedToOne) {
  const auto all = some_times(3000);
  Histogram merged = histogram_of({all.begin(), all.begin() + 1});
  merged.merge(histogram_of({all.begin() + 1, all.begin() + 1000}));
  merged.merge(Histogram());
  merged.merge(histogram_of({all.begin() + 1000, all.end()}));
  EXPECT_EQ(merged, histogram_of(all));
}

TEST(Histogram, WhatIsCountedElsewhereIsTheSame) {
  Histogram counted;
  counted.add_counted(bucket_of_ns(2'000'000), 2);
  counted.add_counted(bucket_of_ns(3'000), 1);
  counted.add_sum(4'003'000, 2'000'000);
  EXPECT_EQ(counted, histogram_of({2'000'000, 3'000, 2'000'000}));
}

}  // namespace
}  // namespace disksnoop
