#include "request/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace disksnoop {
namespace {

constexpr std::array<std::string_view, 7> kKeys = {"disk", "partition", "op",  "comm",
                                                   "pid",  "cgroup",    "file"};

SummaryValue summary_value(const Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return {};
}

void add_to(std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

/// A line of trace_pipe tells reads and writes only.
std::optional<Operation> operation_of(const Request& request) {
  if (request.operation) return without_flags(*request.operation);
  if (request.type == 'R' || request.type == 'W') return Operation({&request.type, 1});
  return std::nullopt;
}

}  // namespace

const Columns& usual_summary_keys() {
  static const Columns keys = {find_column("disk"), find_column("op")};
  return keys;
}

std::vector<std::string_view> names_of_summary_keys() { return {kKeys.begin(), kKeys.end()}; }

Result<Columns> parse_summary_keys(std::string_view list) {
  Columns keys;
  while (true) {
    const std::string_view name = list.substr(0, list.find(','));
    if (std::ranges::find(kKeys, name) == kKeys.end()) {
      return fail(
          fmt::format("a line cannot stand for '{}'; there are {}", name, fmt::join(kKeys, ", ")));
    }
    const Column* const column = find_column(name);
    if (std::ranges::find(keys, column) != keys.end()) {
      return fail(fmt::format("{} is there twice", name));
    }
    keys.push_back(column);
    if (name.size() == list.size()) return keys;
    list.remove_prefix(name.size() + 1);
  }
}

SummaryKey summary_key(const Request& request, const Columns& keys) {
  SummaryKey key;
  key.reserve(keys.size());
  static const Column* const operation_column = find_column("op");
  for (const Column* column : keys) {
    if (column == operation_column) {
      const auto operation = operation_of(request);
      key.push_back(operation ? SummaryValue(std::string(operation->letters())) : SummaryValue());
    } else {
      key.push_back(summary_value(column->value(request, 0)));
    }
  }
  return key;
}

KeyProjection::KeyProjection(const Columns& from, const Columns& to) {
  places_.reserve(to.size());
  for (const Column* column : to) {
    places_.push_back(static_cast<std::size_t>(std::ranges::find(from, column) - from.begin()));
  }
}

SummaryKey KeyProjection::operator()(const SummaryKey& key) const {
  SummaryKey values;
  values.reserve(places_.size());
  for (const std::size_t place : places_) {
    values.push_back(place < key.size() ? key[place] : SummaryValue());
  }
  return values;
}

void SummaryLine::add(const Request& request, bool tells_errors) {
  ++requests;
  add_to(bytes, request.bytes);
  if (tells_errors) add_to(errors, request.error.empty() ? 0 : 1);
  if (request.latency_ns) latency.add(*request.latency_ns);
  if (request.queue_ns) queue.add(*request.queue_ns);
}

void SummaryLine::merge(const SummaryLine& other) {
  requests += other.requests;
  add_to(bytes, other.bytes);
  add_to(errors, other.errors);
  latency.merge(other.latency);
  queue.merge(other.queue);
}

void Summary::add(const SummaryKey& key, const SummaryLine& line) {
  const auto found = lines_.find(key);
  if (found != lines_.end()) {
    found->second.merge(line);
  } else if (lines_.size() < kMostLines) {
    lines_.emplace(key, line);
  } else {
    add_other(line);
  }
}

void Summary::merge(const Summary& summary) {
  for (const auto& [key, line] : summary.lines_) add(key, line);
  add_other(summary.other_);
}

std::uint64_t requests_of(const Summary& summary) {
  std::uint64_t requests = summary.other().requests;
  for (const auto& [key, line] : summary.lines()) requests += line.requests;
  return requests;
}

Summary projected(const Summary& summary, const Columns& from, const Columns& to) {
  const KeyProjection projection(from, to);
  Summary result;
  for (const auto& [key, line] : summary.lines()) result.add(projection(key), line);
  result.add_other(summary.other());
  return result;
}

SummaryTop top_of(const Summary& summary, std::size_t most) {
  SummaryTop top;
  for (const auto& [key, line] : summary.lines()) top.lines.emplace_back(&key, &line);
  std::ranges::stable_sort(top.lines, [](const SummaryTop::Line& a, const SummaryTop::Line& b) {
    return a.second->latency.sum_ns() > b.second->latency.sum_ns();
  });
  SummaryLine other = summary.other();
  while (top.lines.size() > most) {
    other.merge(*top.lines.back().second);
    top.lines.pop_back();
    ++top.other_lines;
  }
  if (other.requests != 0) top.other = std::move(other);
  return top;
}

}  // namespace disksnoop
