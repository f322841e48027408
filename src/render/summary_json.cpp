#include "render/summary_json.h"

#include <optional>

#include "render/clock_text.h"
#include "render/json_text.h"

namespace disksnoop {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
Json json_of(const std::optional<Number>& number) {
  return number ? Json(*number) : Json();
}

Json json_of(const std::optional<WallTime>& clock) {
  if (!clock) return {};
  std::string text;
  append_clock(text, *clock);
  return text;
}

Json json_of(const SummaryValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return {};
}

Json max_of(const Histogram& times) { return times.empty() ? Json() : Json(times.max_ns()); }

/// The longest time of each bucket, which the last one has not, and how many are in it.
Json buckets_of(const Histogram& times) {
  Json buckets = Json::array();
  for (const auto& [bucket, count] : times.counts()) {
    const bool has_limit = std::size_t{bucket} + 1 < Histogram::kBuckets;
    Json limit = has_limit ? Json(Histogram::upper_limit_ns(bucket)) : Json();
    buckets.push_back(Json::array({std::move(limit), count}));
  }
  return buckets;
}

void add_measures(Json& object, const SummaryLine& line) {
  object["requests"] = line.requests;
  object["bytes"] = json_of(line.bytes);
  object["errors"] = json_of(line.errors);
  const Histogram& latency = line.latency;
  object["sum_ns"] = latency.sum_ns();
  object["mean_ns"] = json_of(latency.mean_ns());
  object["p50_ns"] = json_of(latency.percentile_ns(500));
  object["p90_ns"] = json_of(latency.percentile_ns(900));
  object["p99_ns"] = json_of(latency.percentile_ns(990));
  object["p999_ns"] = json_of(latency.percentile_ns(999));
  object["max_ns"] = max_of(latency);
  object["buckets"] = buckets_of(latency);
  object["queue_sum_ns"] = line.queue.sum_ns();
  object["queue_mean_ns"] = json_of(line.queue.mean_ns());
  object["queue_p99_ns"] = json_of(line.queue.percentile_ns(990));
  object["queue_max_ns"] = max_of(line.queue);
  object["queue_buckets"] = buckets_of(line.queue);
}

}  // namespace

void append_summary_json(std::string& out, const SummaryReport& report, const SummaryLook& look) {
  const SummaryTop top = top_of(report.summary, look.most_lines);
  Json moment = Json::object();
  moment["time"] = json_of(report.clock);
  moment["time_ns"] = json_of(report.time_ns);
  moment["span_ns"] = report.span_ns;
  const auto append_line = [&out](const Json& object) {
    append_json(out, object);
    out += '\n';
  };
  for (const auto& [key, line] : top.lines) {
    Json object = moment;
    for (std::size_t i = 0; i < look.keys.size(); ++i)
      object[std::string(look.keys[i]->key)] = json_of(key->at(i));
    add_measures(object, *line);
    append_line(object);
  }
  if (!top.other) return;
  Json object = moment;
  for (const Column* key : look.keys) object[std::string(key->key)] = nullptr;
  object["other_lines"] = top.other_lines;
  add_measures(object, *top.other);
  append_line(object);
}

}  // namespace disksnoop
