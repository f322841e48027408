#include "request/heat_map.h"

#include <algorithm>
#include <tuple>

namespace disksnoop {
namespace {

constexpr std::size_t kBucketsOfARow = 4;

// A recording can have any numbers. With moments no farther than 146 years from the clock's
// zero, and columns no wider than 2 years at first, no sum of them overflows.
constexpr std::int64_t kFarthestNs = std::int64_t{1} << 62U;
constexpr std::uint64_t kWidestNs = std::uint64_t{1} << 56U;

auto place(const HeatCell& cell) { return std::tuple(cell.column, cell.row); }

/// Of two moments, the second not before the first.
std::uint64_t between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<std::uint64_t>(to_ns) - static_cast<std::uint64_t>(from_ns);
}

}  // namespace

void combine(HeatCells& cells) {
  std::ranges::sort(cells, {}, place);
  std::size_t kept = 0;
  for (const HeatCell& cell : cells) {
    if (kept != 0 && place(cells[kept - 1]) == place(cell)) {
      cells[kept - 1].requests += cell.requests;
    } else {
      cells[kept++] = cell;
    }
  }
  cells.resize(kept);
}

HeatMap::HeatMap(std::uint64_t first_width_ns)
    : width_ns_(std::clamp(first_width_ns, std::uint64_t{1}, kWidestNs)) {}

void HeatMap::cover(std::int64_t at_ns) { column_at(at_ns); }

void HeatMap::add(std::int64_t at_ns, const SummaryKey& key, const Histogram& latency) {
  if (latency.empty()) return;
  if (const auto found = lines_.find(key); found != lines_.end()) {
    add_to(found->second, at_ns, latency);
  } else if (lines_.size() < kMostLines) {
    add_to(lines_[key], at_ns, latency);
  } else {
    add_other(at_ns, latency);
  }
}

void HeatMap::add_other(std::int64_t at_ns, const Histogram& latency) {
  if (!latency.empty()) add_to(other_, at_ns, latency);
}

std::uint64_t HeatMap::lower_limit_ns(std::size_t row) {
  return Histogram::lower_limit_ns(row * kBucketsOfARow);
}

std::uint64_t HeatMap::upper_limit_ns(std::size_t row) {
  return Histogram::upper_limit_ns(row * kBucketsOfARow + kBucketsOfARow - 1);
}

/// The column of a moment, which is made where there is none.
std::uint16_t HeatMap::column_at(std::int64_t at_ns) {
  at_ns = std::clamp(at_ns, -kFarthestNs, kFarthestNs);
  if (columns_ == 0) {
    begin_ns_ = at_ns;
    columns_ = 1;
  }
  while (true) {
    const bool is_before = at_ns < begin_ns_;
    const std::uint64_t before = is_before ? (between(at_ns, begin_ns_) - 1) / width_ns_ + 1 : 0;
    const std::uint64_t column = is_before ? 0 : between(begin_ns_, at_ns) / width_ns_;
    const std::uint64_t columns = std::max<std::uint64_t>(columns_, column + 1) + before;
    if (columns <= kMostColumns) {
      if (before != 0) add_columns_before(before);
      columns_ = columns;
      return static_cast<std::uint16_t>(column);
    }
    double_width();
  }
}

void HeatMap::add_to(HeatCells& cells, std::int64_t at_ns, const Histogram& latency) {
  const std::uint16_t column = column_at(at_ns);
  const std::size_t cells_before = cells.size();
  for (const auto& [bucket, times] : latency.counts()) {
    const HeatCell cell{column, static_cast<std::uint16_t>(bucket / kBucketsOfARow), times};
    const auto at = std::ranges::lower_bound(cells, place(cell), {}, place);
    if (at != cells.end() && place(*at) == place(cell)) {
      at->requests += times;
    } else {
      cells.insert(at, cell);
    }
  }
  cells_ += cells.size() - cells_before;
  // One column of each line has room.
  while (cells_ > kMostCells && columns_ > 1) double_width();
}

void HeatMap::add_columns_before(std::uint64_t number) {
  begin_ns_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(begin_ns_) - number * width_ns_);
  const auto shift = [number](HeatCells& cells) {
    for (HeatCell& cell : cells) cell.column = static_cast<std::uint16_t>(cell.column + number);
  };
  for (auto& [key, cells] : lines_) shift(cells);
  shift(other_);
}

void HeatMap::double_width() {
  width_ns_ *= 2;
  columns_ = (columns_ + 1) / 2;
  cells_ = 0;
  const auto halve = [this](HeatCells& cells) {
    for (HeatCell& cell : cells) cell.column /= 2;
    combine(cells);
    cells_ += cells.size();
  };
  for (auto& [key, cells] : lines_) halve(cells);
  halve(other_);
}

}  // namespace disksnoop
