#include "request/request_totals.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "request/operation.h"

namespace disksnoop {

RequestTotals::RequestTotals(const Columns& keys, Columns labels, std::size_t most)
    : labels_(std::move(labels)),
      disk_place_(static_cast<std::size_t>(std::ranges::find(labels_, "disk", &Column::name) -
                                           labels_.begin())),
      projection_(keys, labels_),
      most_(most) {}

SummaryKey RequestTotals::series_of(const SummaryKey& key) const {
  SummaryKey series = projection_(key);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i]->name != "op") continue;
    if (const auto* letters = std::get_if<std::string>(&series[i])) {
      series[i] = std::string(name_of(class_of(Operation(*letters))));
    }
  }
  return series;
}

SummaryKey RequestTotals::among_others(SummaryKey series) const {
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i]->name != "disk" && labels_[i]->name != "op") {
      series[i] = std::string(kOther);
    }
  }
  return series;
}

std::size_t RequestTotals::places_taken() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [this](const auto& line) { return takes_place(line.first); }));
}

void RequestTotals::add_to(const SummaryKey& series, const SummaryLine& line,
                           std::uint64_t now_ns) {
  Line& total = lines_[series];
  total.merge(line);
  total.last_ns = now_ns;
}

void RequestTotals::add(const Summary& summary, std::uint64_t now_ns) {
  // Those that have a line come first: it is not idle then, and keeps its place.
  Newcomers newcomers;
  for (const auto& [key, line] : summary.lines()) {
    const SummaryKey series = series_of(key);
    if (lines_.contains(series)) {
      add_to(series, line, now_ns);
    } else {
      newcomers[series].merge(line);
    }
  }
  if (!newcomers.empty()) admit(newcomers, now_ns);
  if (summary.other().requests != 0) {
    add_to(SummaryKey(labels_.size(), std::string(kOther)), summary.other(), now_ns);
    without_series_ += summary.other().requests;
  }
}

void RequestTotals::admit(const Newcomers& newcomers, std::uint64_t now_ns) {
  std::size_t taken = places_taken();
  if (taken + newcomers.size() > most_) {
    std::erase_if(lines_, [&](const auto& line) {
      return takes_place(line.first) && now_ns - line.second.last_ns >= kIdleNs;
    });
    taken = places_taken();
  }
  std::vector<const Newcomers::value_type*> longest_first;
  for (const auto& newcomer : newcomers) longest_first.push_back(&newcomer);
  std::ranges::stable_sort(longest_first, std::ranges::greater(),
                           [](const auto* newcomer) { return newcomer->second.latency.sum_ns(); });
  for (const auto* newcomer : longest_first) {
    const auto& [series, line] = *newcomer;
    if (!takes_place(series)) {
      add_to(series, line, now_ns);
    } else if (taken < most_) {
      add_to(series, line, now_ns);
      ++taken;
    } else {
      add_to(among_others(series), line, now_ns);
      without_series_ += line.requests;
    }
  }
}

void RequestTotals::end_disks(const std::function<bool(const std::string& disk)>& is_there) {
  std::erase_if(lines_, [&](const auto& line) {
    const auto* disk = std::get_if<std::string>(&disk_of(line.first));
    return disk != nullptr && *disk != kOther && !is_there(*disk);
  });
}

}  // namespace disksnoop
