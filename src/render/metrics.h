// What is counted since the start, as metrics of Prometheus.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "request/request_totals.h"

namespace disksnoop {

/// What was issued to a disk and has not completed.
struct DiskInFlight {
  std::uint64_t requests = 0;
  std::uint64_t oldest_ns = 0;  ///< since its issue
};

struct MetricsReport {
  const RequestTotals& totals;
  /// By disk, of those that have any; "" is not known.
  std::map<std::string, DiskInFlight> in_flight;
  std::vector<std::pair<std::string, std::uint64_t>> lost;  ///< by cause
  std::string version;
};

/// Each metric once, and each combination of labels of it once. The buckets of times are the same
/// for all series: their limits are limits of buckets of request/histogram.h, so that their
/// counts are exact. Text of others is as base/escape.h writes it; "-" is what is not known.
std::vector<prometheus::MetricFamily> metric_families(const MetricsReport& report);

/// The text that is scraped: Prometheus' exposition format 0.0.4.
std::string metrics_text(const std::vector<prometheus::MetricFamily>& families);

}  // namespace disksnoop
