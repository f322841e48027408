#include "render/summary_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "render/clock_text.h"
#include "render/distribution.h"
#include "render/table_text.h"

namespace disksnoop {
namespace {

constexpr std::string_view kUnknown = "-";

/// What a line says of its requests.
struct Measure {
  std::string_view header;
  std::size_t width;  ///< at least
  std::string (*text)(const SummaryLine& line, std::uint64_t span_ns);
};

std::string count_text(const std::optional<std::uint64_t>& count) {
  return count ? fmt::format("{}", *count) : std::string(kUnknown);
}

std::string milliseconds(const std::optional<std::uint64_t>& ns) {
  return ns ? fmt::format("{:.3f}", static_cast<double>(*ns) / 1e6) : std::string(kUnknown);
}

double each_second(std::uint64_t count, std::uint64_t span_ns) {
  return static_cast<double>(count) / (static_cast<double>(span_ns) / 1e9);
}

std::string requests(const SummaryLine& line, std::uint64_t /*span_ns*/) {
  return count_text(line.requests);
}

std::string request_rate(const SummaryLine& line, std::uint64_t span_ns) {
  if (span_ns == 0) return std::string(kUnknown);
  return fmt::format("{:.1f}", each_second(line.requests, span_ns));
}

std::string byte_rate(const SummaryLine& line, std::uint64_t span_ns) {
  if (span_ns == 0 || !line.bytes) return std::string(kUnknown);
  return fmt::format("{:.3f}", each_second(*line.bytes, span_ns) / 1e6);
}

std::string errors(const SummaryLine& line, std::uint64_t /*span_ns*/) {
  return count_text(line.errors);
}

template <auto kTimes>
std::string mean(const SummaryLine& line, std::uint64_t /*span_ns*/) {
  return milliseconds((line.*kTimes).mean_ns());
}

template <auto kTimes, unsigned kPerMille>
std::string percentile(const SummaryLine& line, std::uint64_t /*span_ns*/) {
  return milliseconds((line.*kTimes).percentile_ns(kPerMille));
}

std::string longest(const SummaryLine& line, std::uint64_t /*span_ns*/) {
  if (line.latency.empty()) return std::string(kUnknown);
  return milliseconds(line.latency.max_ns());
}

constexpr auto kLatency = &SummaryLine::latency;
constexpr auto kQueue = &SummaryLine::queue;

constexpr std::array kMeasures = {
    Measure{"REQS", 8, requests},
    Measure{"REQ/s", 8, request_rate},
    Measure{"MB/s", 8, byte_rate},
    Measure{"MEAN(ms)", 8, mean<kLatency>},
    Measure{"P50(ms)", 8, percentile<kLatency, 500>},
    Measure{"P90(ms)", 8, percentile<kLatency, 900>},
    Measure{"P99(ms)", 8, percentile<kLatency, 990>},
    Measure{"P99.9(ms)", 9, percentile<kLatency, 999>},
    Measure{"MAX(ms)", 8, longest},
    Measure{"QUE(ms)", 8, mean<kQueue>},
    Measure{"Q99(ms)", 8, percentile<kQueue, 990>},
    Measure{"ERRS", 4, errors},
};

/// A column of the table, and what stands in it.
struct Cells {
  std::size_t width;
  Align align;
  std::vector<std::string> texts;  ///< the header first
};

/// Beyond the last line: what is not in a line of its own, and how much that is.
struct Rest {
  const SummaryLine* line = nullptr;
  std::string remark;
};

bool is_long(const Column* key) { return key->name == "cgroup" || key->name == "file"; }

std::string key_text(const SummaryValue& value, bool is_last) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *number);
  std::string text;
  if (const auto* of_others = std::get_if<std::string>(&value)) {
    append_text(text, *of_others, is_last);
  } else {
    text = kUnknown;
  }
  return text;
}

Cells key_cells(const Columns& keys, std::size_t at, const SummaryTop& top, bool is_first,
                bool is_last) {
  Cells cells{keys[at]->width, keys[at]->align, {std::string(keys[at]->header)}};
  for (const auto& [key, line] : top.lines) cells.texts.push_back(key_text(key->at(at), is_last));
  if (top.other) cells.texts.emplace_back(is_first ? "other" : kUnknown);
  return cells;
}

Cells measure_cells(const Measure& measure, const SummaryTop& top, std::uint64_t span_ns) {
  Cells cells{measure.width, Align::kRight, {std::string(measure.header)}};
  for (const auto& [key, line] : top.lines) cells.texts.push_back(measure.text(*line, span_ns));
  if (top.other) cells.texts.push_back(measure.text(*top.other, span_ns));
  return cells;
}

/// The columns as they stand side by side.
std::vector<Cells> table_of(const Columns& keys, const SummaryTop& top, std::uint64_t span_ns) {
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto longer =
      std::ranges::stable_partition(order, [&](auto i) { return !is_long(keys[i]); });
  std::vector<Cells> table;
  const auto add_key = [&](std::size_t i) {
    table.push_back(
        key_cells(keys, i, top, i == order.front(), is_long(keys[i]) && i == order.back()));
  };
  std::for_each(order.begin(), longer.begin(), add_key);
  for (const Measure& measure : kMeasures) table.push_back(measure_cells(measure, top, span_ns));
  std::for_each(longer.begin(), order.end(), add_key);
  for (Cells& cells : table) {
    for (const std::string& text : cells.texts)
      cells.width = std::max(cells.width, count_code_points(text));
  }
  return table;
}

/// Without its newline.
void append_row(std::string& out, const std::vector<Cells>& table, std::size_t row) {
  for (const Cells& cells : table) {
    const bool is_last = &cells == &table.back();
    const std::size_t begin = out.size();
    out += cells.texts.at(row);
    fill_up(out, begin, cells.width, cells.align, is_last);
    if (!is_last) out += ' ';
  }
}

void append_heading(std::string& out, const SummaryReport& report) {
  const auto seconds = [](auto ns) { return static_cast<double>(ns) / 1e9; };
  if (report.clock) {
    append_clock(out, *report.clock);
    out += ", ";
  } else if (report.time_ns) {
    out += fmt::format("{:.9f} s, ", seconds(*report.time_ns));
  }
  out += fmt::format("over {:.3f} s\n", seconds(report.span_ns));
}

/// " (17 lines, and 3 requests without one)".
std::string remark_on_other(const SummaryTop& top, const Summary& summary) {
  const auto number_of = [](std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  const std::uint64_t without = summary.other().requests;
  if (top.other_lines == 0)
    return fmt::format(" ({} without a line)", number_of(without, "request"));
  const std::string lines = number_of(top.other_lines, "line");
  if (without == 0) return fmt::format(" ({})", lines);
  return fmt::format(" ({}, and {} without one)", lines, number_of(without, "request"));
}

}  // namespace

void append_summary_table(std::string& out, const SummaryReport& report, const SummaryLook& look,
                          std::size_t width) {
  const SummaryTop top = top_of(report.summary, look.most_lines);
  const std::vector<Cells> table = table_of(look.keys, top, report.span_ns);
  const auto append_times = [&](const SummaryLine& line) {
    if (!look.distributions || line.latency.empty()) return;
    append_distribution(out, line.latency, width);
    out += '\n';
  };
  if (look.follows && !look.distributions) out += '\n';
  append_heading(out, report);
  append_row(out, table, 0);
  out += '\n';
  std::size_t row = 0;
  for (const auto& [key, line] : top.lines) {
    append_row(out, table, ++row);
    out += '\n';
    append_times(*line);
  }
  if (!top.other) return;
  append_row(out, table, ++row);
  out += remark_on_other(top, report.summary) + '\n';
  append_times(*top.other);
}

}  // namespace disksnoop
