#include "render/heat_grid.h"

#include <algorithm>
#include <limits>
#include <set>

namespace disksnoop {
namespace {

/// Two doublings: less would make a large thing of a small difference.
constexpr std::size_t kFewestMapRows = 2 * HeatMap::kRowsEach;

void append(HeatCells& cells, const HeatCells& more) {
  cells.insert(cells.end(), more.begin(), more.end());
}

std::vector<HeatPanel> panels_of(const HeatMap& map, const SummaryTop& top) {
  std::vector<HeatPanel> panels;
  std::set<const HeatCells*> shown;
  for (const auto& [key, line] : top.lines) {
    HeatPanel panel{key, line, {}};
    if (const auto found = map.lines().find(*key); found != map.lines().end()) {
      panel.cells = found->second;
      shown.insert(&found->second);
    }
    panels.push_back(std::move(panel));
  }
  HeatPanel others{nullptr, top.other ? &*top.other : nullptr, map.other()};
  for (const auto& [key, cells] : map.lines()) {
    if (!shown.contains(&cells)) append(others.cells, cells);
  }
  combine(others.cells);
  if (others.line != nullptr || !others.cells.empty()) panels.push_back(std::move(others));
  return panels;
}

std::size_t cells_of(const std::vector<HeatPanel>& panels) {
  std::size_t cells = 0;
  for (const HeatPanel& panel : panels) cells += panel.cells.size();
  return cells;
}

/// Rows from one to another.
struct RowRange {
  std::size_t first = std::numeric_limits<std::size_t>::max();
  std::size_t last = 0;

  std::size_t size() const { return last - first + 1; }
};

/// Of the rows that have cells; there are some.
RowRange rows_of(const std::vector<HeatPanel>& panels) {
  RowRange range;
  for (const HeatPanel& panel : panels) {
    for (const HeatCell& cell : panel.cells) {
      range.first = std::min<std::size_t>(range.first, cell.row);
      range.last = std::max<std::size_t>(range.last, cell.row);
    }
  }
  return range;
}

void double_rows(HeatGrid& grid) {
  grid.map_rows *= 2;
  for (HeatPanel& panel : grid.panels) {
    for (HeatCell& cell : panel.cells) cell.row /= 2;
    combine(panel.cells);
  }
}

void double_columns(HeatGrid& grid) {
  grid.column_ns *= 2;
  grid.columns = (grid.columns + 1) / 2;
  for (HeatPanel& panel : grid.panels) {
    for (HeatCell& cell : panel.cells) cell.column /= 2;
    combine(panel.cells);
  }
}

/// Rows and columns so large that the picture stays small.
void make_coarse(HeatGrid& grid) {
  while (rows_of(grid.panels).size() > kMostGridRows) double_rows(grid);
  while (cells_of(grid.panels) > kMostGridCells && grid.columns > 1) {
    double_columns(grid);
    // Of a latency half a doubling still tells something: a column of hours tells less.
    const bool is_fine = grid.map_rows < HeatMap::kRowsEach / 2;
    if (is_fine && cells_of(grid.panels) > kMostGridCells) double_rows(grid);
  }
}

}  // namespace

std::uint64_t HeatGrid::row_limit_ns(std::size_t row) const {
  const std::size_t map_row = (first_row + row) * map_rows;
  if (map_row == 0) return 0;
  const std::uint64_t below = HeatMap::upper_limit_ns(map_row - 1);
  return below == std::numeric_limits<std::uint64_t>::max() ? below : below + 1;
}

double HeatGrid::height_of(std::uint64_t ns) const {
  std::size_t row = 0;
  while (row + 1 < rows && row_limit_ns(row + 1) <= ns) ++row;
  const auto from = static_cast<double>(row_limit_ns(row));
  const auto to = static_cast<double>(row_limit_ns(row + 1));
  const double in_row = (static_cast<double>(ns) - from) / (to - from);
  return (static_cast<double>(row) + in_row) / static_cast<double>(rows);
}

HeatGrid heat_grid(const HeatMap& map, const SummaryTop& top) {
  HeatGrid grid;
  grid.panels = panels_of(map, top);
  grid.columns = map.columns();
  grid.column_ns = map.width_ns();
  if (cells_of(grid.panels) == 0) return grid;
  make_coarse(grid);

  const RowRange range = rows_of(grid.panels);
  const std::size_t fewest = kFewestMapRows / grid.map_rows;
  const std::size_t below = range.size() < fewest ? (fewest - range.size()) / 2 : 0;
  grid.first_row = range.first - std::min(below, range.first);
  grid.rows = std::max(fewest, range.last - grid.first_row + 1);
  for (HeatPanel& panel : grid.panels) {
    for (HeatCell& cell : panel.cells) {
      cell.row = static_cast<std::uint16_t>(cell.row - grid.first_row);
      grid.most = std::max(grid.most, cell.requests);
    }
  }
  return grid;
}

}  // namespace disksnoop
