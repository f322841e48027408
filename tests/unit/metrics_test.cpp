#include "render/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "histogram_of.h"

namespace disksnoop {
namespace {

using Buckets = std::vector<prometheus::ClientMetric::Bucket>;

RequestTotals totals_of(const std::vector<std::uint64_t>& times_ns) {
  SummaryLine line;
  for (const std::uint64_t ns : times_ns) {
    Request request;
    request.latency_ns = ns;
    line.add(request, true);
  }
  Summary summary;
  summary.add({"sda", "R"}, line);
  RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  totals.add(summary, 1);
  return totals;
}

const prometheus::MetricFamily& family_of(const std::vector<prometheus::MetricFamily>& families,
                                          std::string_view name) {
  return *std::ranges::find(families, name, &prometheus::MetricFamily::name);
}

/// Those of the only series that there is.
prometheus::ClientMetric::Histogram durations_of(const std::vector<std::uint64_t>& times_ns) {
  const RequestTotals totals = totals_of(times_ns);
  const auto families = metric_families({totals, {}, {}, ""});
  return family_of(families, "disksnoop_request_duration_seconds").metric.at(0).histogram;
}

std::uint64_t limit_ns(const prometheus::ClientMetric::Bucket& bucket) {
  return std::isinf(bucket.upper_bound)
             ? std::numeric_limits<std::uint64_t>::max()
             : static_cast<std::uint64_t>(std::llround(bucket.upper_bound * 1e9));
}

/// As histogram_quantile() of Prometheus: the first bucket that reaches the rank, as if its times
/// were spread evenly; of what is beyond the last limit, that limit.
double quantile(const Buckets& buckets, double share) {
  const double rank = share * static_cast<double>(buckets.back().cumulative_count);
  const auto found = std::ranges::find_if(buckets, [rank](const auto& bucket) {
    return static_cast<double>(bucket.cumulative_count) >= rank;
  });
  const auto at = static_cast<std::size_t>(found - buckets.begin());
  if (at + 1 == buckets.size()) return buckets.at(at - 1).upper_bound;
  const double begin = at == 0 ? 0 : buckets.at(at - 1).upper_bound;
  const double below = at == 0 ? 0 : static_cast<double>(buckets.at(at - 1).cumulative_count);
  const double inside = static_cast<double>(found->cumulative_count) - below;
  return begin + (found->upper_bound - begin) * ((rank - below) / inside);
}

/// The number of the bucket that a time is counted in.
std::size_t bucket_of(const Buckets& buckets, double seconds) {
  return static_cast<std::size_t>(
      std::ranges::find_if(buckets, [&](const auto& each) { return seconds <= each.upper_bound; }) -
      buckets.begin());
}

TEST(MetricBuckets, AreAboutThirtyFromTenMicrosecondsToAMinute) {
  const Buckets buckets = durations_of({1'000}).bucket;
  ASSERT_EQ(buckets.size(), 29U);
  EXPECT_NEAR(buckets.front().upper_bound, 10e-6, 0.3e-6);
  EXPECT_NEAR(buckets.at(27).upper_bound, 60, 1);
  EXPECT_TRUE(std::isinf(buckets.back().upper_bound));
  for (std::size_t i = 1; i < 28; ++i) {
    const double step = buckets.at(i).upper_bound / buckets.at(i - 1).upper_bound;
    EXPECT_GT(step, 1.6) << buckets.at(i).upper_bound;
    EXPECT_LT(step, 2) << buckets.at(i).upper_bound;
  }
}

TEST(MetricBuckets, EachLimitIsOneOfTheHistogramAndIsWrittenShort) {
  const RequestTotals totals = totals_of({1'000});
  const std::string text = metrics_text(metric_families({totals, {}, {}, ""}));
  Buckets buckets = durations_of({1'000}).bucket;
  buckets.pop_back();
  for (const auto& bucket : buckets) {
    const std::uint64_t ns = limit_ns(bucket);
    EXPECT_EQ(Histogram::upper_limit_ns(Histogram::bucket_of(ns)), ns);
    EXPECT_NE(text.find(fmt::format("le=\"{}\"", bucket.upper_bound)), std::string::npos) << ns;
  }
}

TEST(MetricBuckets, TheirCountsAreExact) {
  auto times = some_times(20'000);
  // The longest time of each bucket and the next one, where a mistake by one would be seen.
  for (const auto& bucket : durations_of({1'000}).bucket) {
    if (std::isinf(bucket.upper_bound)) continue;
    times.push_back(limit_ns(bucket));
    times.push_back(limit_ns(bucket) + 1);
  }
  const auto histogram = durations_of(times);
  for (const auto& bucket : histogram.bucket) {
    const auto expected =
        std::ranges::count_if(times, [&](std::uint64_t ns) { return ns <= limit_ns(bucket); });
    EXPECT_EQ(bucket.cumulative_count, static_cast<std::uint64_t>(expected)) << limit_ns(bucket);
  }
  EXPECT_EQ(histogram.sample_count, times.size());
  EXPECT_EQ(histogram.bucket.back().cumulative_count, times.size());
}

TEST(MetricBuckets, ASumIsOfTheTimesThemselves) {
  const auto histogram = durations_of({1, 2'000'000'000, 499'999'999});
  EXPECT_EQ(histogram.sample_sum, 2.5);
}

TEST(MetricBuckets, AQuantileIsInTheBucketOfTheExactOne) {
  for (const std::size_t count : {1U, 2U, 10U, 1000U, 4321U}) {
    auto times = some_times(count);
    std::erase_if(times, [](std::uint64_t ns) { return ns > 59'000'000'000; });
    std::ranges::sort(times);
    const Buckets buckets = durations_of(times).bucket;
    for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const double rank = std::ceil(share * static_cast<double>(times.size()));
      const std::uint64_t exact = times.at(static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
      EXPECT_EQ(bucket_of(buckets, quantile(buckets, share)),
                bucket_of(buckets, static_cast<double>(exact) / 1e9))
          << share << " of " << times.size();
    }
  }
}

/// Without the buckets between the first and the last, which are many.
std::string without_buckets(const std::string& text) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    const std::string line = text.substr(begin, end - begin);
    const bool is_bucket = line.find("_bucket{") != std::string::npos;
    if (!is_bucket || line.find("le=\"1.0239e-05\"") != std::string::npos ||
        line.find("le=\"1.006632959\"") != std::string::npos ||
        line.find("le=\"+Inf\"") != std::string::npos) {
      result += line;
    }
    begin = end;
  }
  return result;
}

TEST(Metrics, TextOfASmallReport) {
  Request read;
  read.bytes = 4096;
  read.latency_ns = 500'000'000;
  read.queue_ns = 250'000;
  Request failed = read;
  failed.latency_ns = 2'000'000'000;
  failed.error = "EIO";
  SummaryLine reads;
  reads.add(read, true);
  reads.add(failed, true);
  Request flush;
  flush.latency_ns = 8'000;
  SummaryLine flushes;
  flushes.add(flush, false);
  Summary summary;
  summary.add({"sda", "R", "fio \"1\""}, reads);
  summary.add({"sdb", "F", SummaryValue()}, flushes);
  const Columns keys = *parse_summary_keys("disk,op,comm");
  RequestTotals totals(keys, keys);
  totals.add(summary, 1);
  const std::string text =
      metrics_text(metric_families({totals,
                                    {{"sda", {3, 1'500'000'000}}, {"sdc", {1, 250}}},
                                    {{"buffer", 7}, {"map", 0}},
                                    "1.2"}));
  EXPECT_EQ(without_buckets(text),
            R"(# HELP disksnoop_request_duration_seconds Time from issue to completion.
# TYPE disksnoop_request_duration_seconds histogram
disksnoop_request_duration_seconds_count{device="sda",operation="read",comm="fio \"1\""} 2
disksnoop_request_duration_seconds_sum{device="sda",operation="read",comm="fio \"1\""} 2.5
disksnoop_request_duration_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="1.0239e-05"} 0
disksnoop_request_duration_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="1.006632959"} 1
disksnoop_request_duration_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="+Inf"} 2
disksnoop_request_duration_seconds_count{device="sdb",operation="flush",comm="-"} 1
disksnoop_request_duration_seconds_sum{device="sdb",operation="flush",comm="-"} 8e-06
disksnoop_request_duration_seconds_bucket{device="sdb",operation="flush",comm="-",le="1.0239e-05"} 1
disksnoop_request_duration_seconds_bucket{device="sdb",operation="flush",comm="-",le="1.006632959"} 1
disksnoop_request_duration_seconds_bucket{device="sdb",operation="flush",comm="-",le="+Inf"} 1
# HELP disksnoop_request_queue_seconds Time from allocation to issue, of requests that tell it.
# TYPE disksnoop_request_queue_seconds histogram
disksnoop_request_queue_seconds_count{device="sda",operation="read",comm="fio \"1\""} 2
disksnoop_request_queue_seconds_sum{device="sda",operation="read",comm="fio \"1\""} 0.0005
disksnoop_request_queue_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="1.0239e-05"} 0
disksnoop_request_queue_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="1.006632959"} 2
disksnoop_request_queue_seconds_bucket{device="sda",operation="read",comm="fio \"1\"",le="+Inf"} 2
# HELP disksnoop_request_bytes_total Bytes of completed requests.
# TYPE disksnoop_request_bytes_total counter
disksnoop_request_bytes_total{device="sda",operation="read",comm="fio \"1\""} 8192
# HELP disksnoop_request_errors_total Requests that failed.
# TYPE disksnoop_request_errors_total counter
disksnoop_request_errors_total{device="sda",operation="read",comm="fio \"1\""} 1
# HELP disksnoop_requests_in_flight Requests that were issued and have not completed.
# TYPE disksnoop_requests_in_flight gauge
disksnoop_requests_in_flight{device="sda"} 3
disksnoop_requests_in_flight{device="sdb"} 0
disksnoop_requests_in_flight{device="sdc"} 1
# HELP disksnoop_oldest_request_seconds Time since the issue of the oldest request in flight, 0 if there is none.
# TYPE disksnoop_oldest_request_seconds gauge
disksnoop_oldest_request_seconds{device="sda"} 1.5
disksnoop_oldest_request_seconds{device="sdb"} 0
disksnoop_oldest_request_seconds{device="sdc"} 2.5e-07
# HELP disksnoop_lost_total What is missing in the metrics.
# TYPE disksnoop_lost_total counter
disksnoop_lost_total{cause="buffer"} 7
disksnoop_lost_total{cause="map"} 0
# HELP disksnoop_build_info The version of disksnoop.
# TYPE disksnoop_build_info gauge
disksnoop_build_info{version="1.2"} 1
)");
}

TEST(Metrics, WithoutRequestsThereAreNoSeriesButTheLossesAndTheVersion) {
  const RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  const auto families = metric_families({totals, {}, {{"buffer", 0}}, "1.2"});
  for (const auto& family : families) {
    const bool is_there =
        family.name == "disksnoop_lost_total" || family.name == "disksnoop_build_info";
    EXPECT_EQ(family.metric.size(), is_there ? 1U : 0U) << family.name;
    EXPECT_FALSE(family.help.empty()) << family.name;
  }
}

/// Of series by disk, op and comm, whose comm each of these is.
std::vector<prometheus::MetricFamily> families_of_comms(const std::vector<SummaryValue>& comms) {
  const Columns keys = *parse_summary_keys("disk,op,comm");
  Summary summary;
  Request request;
  request.latency_ns = 1'000'000;
  request.bytes = 512;
  SummaryLine line;
  line.add(request, true);
  for (const SummaryValue& comm : comms) summary.add({"sda", "R", comm}, line);
  RequestTotals totals(keys, keys);
  totals.add(summary, 1);
  return metric_families({totals, {}, {}, ""});
}

TEST(Metrics, TextOfOthersIsEscaped) {
  const auto families = families_of_comms({"a\n\xff\"\\"});
  const auto& bytes = family_of(families, "disksnoop_request_bytes_total");
  EXPECT_EQ(bytes.metric.at(0).label.at(2).value, "a\\x0a\\xff\"\\");
  EXPECT_NE(metrics_text(families).find("comm=\"a\\\\x0a\\\\xff\\\"\\\\\"} 512\n"),
            std::string::npos);
}

TEST(Metrics, NamesWithTheSameTextAreOneSeries) {
  const auto families = families_of_comms({"\x01", "\\x01", "-", SummaryValue()});
  const auto& bytes = family_of(families, "disksnoop_request_bytes_total");
  std::set<std::string> comms;
  for (const auto& metric : bytes.metric) {
    comms.insert(metric.label.at(2).value);
    EXPECT_EQ(metric.counter.value, 1024);
  }
  EXPECT_EQ(comms, (std::set<std::string>{"\\x01", "-"}));
  EXPECT_EQ(bytes.metric.size(), 2U);
}

TEST(Metrics, OfNoKnownDiskThereIsADeviceOfNoName) {
  Summary summary;
  SummaryLine line;
  line.add({}, true);
  summary.add({SummaryValue(), "R"}, line);
  summary.add_other(line);
  RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  totals.add(summary, 1);
  const auto families = metric_families({totals, {{"", {2, 5'000'000'000}}}, {}, ""});
  const auto& oldest = family_of(families, "disksnoop_oldest_request_seconds");
  ASSERT_EQ(oldest.metric.size(), 1U) << "what is counted among the others has no device";
  EXPECT_EQ(oldest.metric.at(0).label.at(0).value, "-");
  EXPECT_EQ(oldest.metric.at(0).gauge.value, 5);
}

}  // namespace
}  // namespace disksnoop
