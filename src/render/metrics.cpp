#include "render/metrics.h"

#include <fmt/format.h>
#include <prometheus/client_metric.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>

#include "base/escape.h"

namespace disksnoop {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Series = std::map<Labels, SummaryLine>;

/// Upper limits of the buckets in ns, 10 µs to 60 s in steps of about 1.8. Each is the longest time
/// of a bucket of Histogram, and one that 16 digits in seconds tell without a rounding error. They
/// stay as they are: the buckets of many machines and releases are added by their limits.
constexpr std::array<std::uint64_t, 28> kLimitsNs = {
    10'239,        17'919,         32'255,         56'319,          //
    100'351,       180'223,        319'487,        557'055,         //
    1'015'807,     1'802'239,      3'211'263,      5'636'095,       //
    9'961'471,     17'825'791,     31'981'567,     55'574'527,      //
    100'663'295,   180'355'071,    318'767'103,    553'648'127,     //
    1'006'632'959, 1'811'939'327,  3'221'225'471,  5'637'144'575,   //
    9'932'111'871, 18'253'611'007, 32'212'254'719, 60'129'542'143,  //
};

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
  return {.name = fmt::format("disksnoop_{}", name),
          .help = std::string(help),
          .type = type,
          .metric = {}};
}

ClientMetric& add_metric(MetricFamily& family, Labels labels) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  return metric;
}

void add_counter(MetricFamily& family, Labels labels, std::uint64_t value) {
  add_metric(family, std::move(labels)).counter.value = static_cast<double>(value);
}

void add_gauge(MetricFamily& family, Labels labels, double value) {
  add_metric(family, std::move(labels)).gauge.value = value;
}

/// Nothing where no request tells such a time.
void add_histogram(MetricFamily& family, Labels labels, const Histogram& times) {
  if (times.empty()) return;
  ClientMetric::Histogram& histogram = add_metric(family, std::move(labels)).histogram;
  histogram.sample_count = times.count();
  histogram.sample_sum = seconds(times.sum_ns());
  auto next = times.counts().begin();
  std::uint64_t up_to = 0;
  for (const std::uint64_t limit_ns : kLimitsNs) {
    const std::size_t bucket = Histogram::bucket_of(limit_ns);
    for (; next != times.counts().end() && next->first <= bucket; ++next) up_to += next->second;
    histogram.bucket.push_back({up_to, seconds(limit_ns)});
  }
  histogram.bucket.push_back({times.count(), std::numeric_limits<double>::infinity()});
}

std::string label_value(const SummaryValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return escaped(*text);
  return "-";
}

std::string label_name(const Column& column) {
  if (column.name == "disk") return "device";
  if (column.name == "op") return "operation";
  return std::string(column.name);
}

/// Different values can be the same text: a name that has a control character, and one that has
/// what is shown for it. Who reads the metrics refuses all of them if a series is there twice.
Series series_of(const RequestTotals& totals) {
  Series series;
  for (const auto& [key, line] : totals.lines()) {
    Labels labels;
    for (std::size_t i = 0; i < key.size(); ++i) {
      labels.push_back({label_name(*totals.labels().at(i)), label_value(key[i])});
    }
    series[labels].merge(line);
  }
  return series;
}

void add_requests(std::vector<MetricFamily>& families, const RequestTotals& totals) {
  MetricFamily duration =
      family("request_duration_seconds", "Time from issue to completion.", MetricType::Histogram);
  MetricFamily queue =
      family("request_queue_seconds", "Time from allocation to issue, of requests that tell it.",
             MetricType::Histogram);
  MetricFamily bytes =
      family("request_bytes_total", "Bytes of completed requests.", MetricType::Counter);
  MetricFamily errors =
      family("request_errors_total", "Requests that failed.", MetricType::Counter);
  for (const auto& [labels, line] : series_of(totals)) {
    add_histogram(duration, labels, line.latency);
    add_histogram(queue, labels, line.queue);
    if (line.bytes) add_counter(bytes, labels, *line.bytes);
    if (line.errors) add_counter(errors, labels, *line.errors);
  }
  for (MetricFamily* metrics : {&duration, &queue, &bytes, &errors})
    families.push_back(std::move(*metrics));
}

/// By the label of the device, with those where nothing is in flight.
std::map<std::string, DiskInFlight> devices_of(const MetricsReport& report) {
  std::map<std::string, DiskInFlight> devices;
  for (const auto& [key, line] : report.totals.lines()) {
    const std::string device = label_value(report.totals.disk_of(key));
    if (device != RequestTotals::kOther) devices[device];
  }
  for (const auto& [disk, in_flight] : report.in_flight) {
    DiskInFlight& device = devices[disk.empty() ? "-" : escaped(disk)];
    device.requests += in_flight.requests;
    device.oldest_ns = std::max(device.oldest_ns, in_flight.oldest_ns);
  }
  return devices;
}

void add_in_flight(std::vector<MetricFamily>& families, const MetricsReport& report) {
  MetricFamily requests = family(
      "requests_in_flight", "Requests that were issued and have not completed.", MetricType::Gauge);
  MetricFamily oldest = family("oldest_request_seconds",
                               "Time since the issue of the oldest request in flight, 0 if there "
                               "is none.",
                               MetricType::Gauge);
  for (const auto& [device, in_flight] : devices_of(report)) {
    const Labels labels = {{"device", device}};
    add_gauge(requests, labels, static_cast<double>(in_flight.requests));
    add_gauge(oldest, labels, seconds(in_flight.oldest_ns));
  }
  families.push_back(std::move(requests));
  families.push_back(std::move(oldest));
}

}  // namespace

std::vector<MetricFamily> metric_families(const MetricsReport& report) {
  std::vector<MetricFamily> families;
  add_requests(families, report.totals);
  add_in_flight(families, report);
  MetricFamily lost = family("lost_total", "What is missing in the metrics.", MetricType::Counter);
  for (const auto& [cause, count] : report.lost) add_counter(lost, {{"cause", cause}}, count);
  families.push_back(std::move(lost));
  MetricFamily build = family("build_info", "The version of disksnoop.", MetricType::Gauge);
  add_gauge(build, {{"version", report.version}}, 1);
  families.push_back(std::move(build));
  return families;
}

std::string metrics_text(const std::vector<MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace disksnoop
