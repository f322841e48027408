// Which cells of a heat map are drawn, and how coarse they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "request/heat_map.h"
#include "request/summary.h"

namespace disksnoop {

/// A line of the summary, or those that are not shown.
struct HeatPanel {
  const SummaryKey* key = nullptr;    ///< none: the others
  const SummaryLine* line = nullptr;  ///< none: nothing is known but the cells
  HeatCells cells;                    ///< by the columns and rows of the grid
};

/// Panels with the same axes and the same scale of counts.
struct HeatGrid {
  std::vector<HeatPanel> panels;
  std::size_t columns = 0;
  std::uint64_t column_ns = 0;
  std::size_t first_row = 0;  ///< the lowest that is shown; rows of the cells count from it
  std::size_t rows = 0;       ///< that are shown
  std::size_t map_rows = 1;   ///< of the heat map, that are one of the grid
  std::uint64_t most = 0;     ///< requests in a cell; 0: there are no cells

  /// The shortest time of a row of the grid, or of the one above the last one; 2^64 - 1
  /// where there are no longer times.
  std::uint64_t row_limit_ns(std::size_t row) const;
  /// Where a time is between the lower edge, 0, and the upper one, 1.
  double height_of(std::uint64_t ns) const;
};

/// A picture has no more rows than can be seen, and no more cells than a browser shows
/// without pain.
constexpr std::size_t kMostGridRows = 64;
constexpr std::size_t kMostGridCells = 40'000;

/// A panel for each line of `top`, and one for the others if there are any. What it gives
/// points into `top` and what that points into.
HeatGrid heat_grid(const HeatMap& map, const SummaryTop& top);

}  // namespace disksnoop
