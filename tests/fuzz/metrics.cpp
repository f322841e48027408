// Metrics of disks, operations and processes with any names: what is scraped can be read.
#include "render/metrics.h"

#include <set>

#include "fuzz.h"

namespace disksnoop {
namespace {

/// A label's value in quotes at the beginning of `text`, which goes on behind it.
std::string take_value(std::string_view& text) {
  require(text.starts_with('"'), "a value is in quotes", text);
  std::string value;
  for (text.remove_prefix(1); !text.starts_with('"'); text.remove_prefix(1)) {
    require(!text.empty(), "a value ends");
    if (text.front() != '\\') {
      value += text.front();
      continue;
    }
    text.remove_prefix(1);
    require(!text.empty() && std::string_view("\\\"n").contains(text.front()), "an escape", text);
    value += text.front() == 'n' ? '\n' : text.front();
  }
  text.remove_prefix(1);
  return value;
}

/// The labels' values of the sample in a line, which has to be one: NAME{LABEL="VALUE",…} NUMBER.
std::vector<std::string> values_of(std::string_view line) {
  std::vector<std::string> values;
  const std::size_t name = line.find_first_of("{ ");
  require(name != std::string_view::npos && line.starts_with("disksnoop_"), "a name", line);
  const bool has_labels = line[name] == '{';
  line.remove_prefix(name + 1);
  while (has_labels && !line.starts_with("} ")) {
    const std::size_t equals = line.find('=');
    require(equals != std::string_view::npos, "a label has a value", line);
    line.remove_prefix(equals + 1);
    values.push_back(take_value(line));
    require(is_fit(values.back()), "a label is fit to be shown", values.back());
    if (line.starts_with(',')) line.remove_prefix(1);
  }
  if (has_labels) line.remove_prefix(2);
  require(!line.empty() && line.find_first_not_of("0123456789.e+-Inf") == std::string_view::npos,
          "a sample is a number", line);
  return values;
}

void check_text(std::string_view text) {
  require(is_fit(text.substr(0, 0)) && escaped_lines(text) == text, "metrics are fit to be shown");
  std::set<std::string> series;
  for (const std::string_view line : pieces_of(text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    values_of(line);
    require(series.emplace(line.substr(0, line.rfind(' '))).second, "a series is there once", line);
  }
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  const Columns keys = {find_column("disk"), find_column("op"), find_column("comm")};
  RequestTotals totals(keys, keys, 3);
  MetricsReport report{
      .totals = totals, .in_flight = {}, .lost = {{"buffer", size}}, .version = "1.0"};
  // A line each: disk, operation, comm. Buckets are most of the text: few have a time.
  std::uint64_t now_ns = 1;
  for (const std::string_view line : pieces_of(text_of(data, size), '\n')) {
    auto words = pieces_of(line, '\t');
    words.resize(3);
    Request request;
    request.disk = words[0];
    request.operation = parse_operation(words[1]);
    request.comm = words[2];
    request.bytes = line.size();
    if (line.size() % 16 == 0) request.latency_ns = std::uint64_t{1} << line.size() % 64;
    SummaryLine counted;
    counted.add(request, true);
    Summary summary;
    summary.add(summary_key(request, keys), counted);
    totals.add(summary, now_ns++);
    report.in_flight[std::string(words[0])].requests += 1;
  }
  check_text(metrics_text(metric_families(report)));
  return 0;
}
