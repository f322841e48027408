// Latency over time, for each line of a summary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "request/histogram.h"
#include "request/summary.h"

namespace disksnoop {

/// Requests that completed in one column of time with a latency of one row.
struct HeatCell {
  std::uint16_t column = 0;    ///< 0: the first
  std::uint16_t row = 0;       ///< 0: the shortest times
  std::uint64_t requests = 0;  ///< never 0 in a map
  bool operator==(const HeatCell&) const = default;
};

using HeatCells = std::vector<HeatCell>;

/// Makes one cell of those that are at one place, and sorts them by column and row.
void combine(HeatCells& cells);

/// Counts are exact however long it goes on: what gets coarser is the time.
class HeatMap {
 public:
  using Lines = std::map<SummaryKey, HeatCells>;

  /// Where one more column, or cell, is needed, the columns become twice as wide.
  static constexpr std::size_t kMostColumns = 240;
  static constexpr std::size_t kMostCells = std::size_t{1} << 20U;
  /// Beyond so many lines requests are counted among the others.
  static constexpr std::size_t kMostLines = 1024;

  /// How wide the columns are at the beginning, in ns.
  explicit HeatMap(std::uint64_t first_width_ns);

  /// There is a column for this moment, though no request may complete in it: for the
  /// beginning and the end of a run. Moments are of any clock, in ns, and may come in any
  /// order; the first one is where the first column begins.
  void cover(std::int64_t at_ns);
  /// Requests that completed at that moment, or shortly before.
  void add(std::int64_t at_ns, const SummaryKey& key, const Histogram& latency);
  /// The same where it is not known of which line they are.
  void add_other(std::int64_t at_ns, const Histogram& latency);

  bool empty() const { return cells_ == 0; }
  /// Where the first column begins; 0 where there is none.
  std::int64_t begin_ns() const { return begin_ns_; }
  std::uint64_t width_ns() const { return width_ns_; }
  /// As many as are covered; the last ones may have no cell.
  std::size_t columns() const { return columns_; }

  const Lines& lines() const { return lines_; }
  /// Requests for whose line there was no room.
  const HeatCells& other() const { return other_; }

  /// A doubling of the time has so many rows, each of several buckets of Histogram.
  static constexpr std::size_t kRowsEach = 8;
  /// The shortest and the longest time of a row; of the last row the longest is 2^64 - 1.
  static std::uint64_t lower_limit_ns(std::size_t row);
  static std::uint64_t upper_limit_ns(std::size_t row);

 private:
  std::uint16_t column_at(std::int64_t at_ns);
  void add_to(HeatCells& cells, std::int64_t at_ns, const Histogram& latency);
  void add_columns_before(std::uint64_t number);
  void double_width();

  std::uint64_t width_ns_;
  std::int64_t begin_ns_ = 0;
  std::size_t columns_ = 0;
  std::size_t cells_ = 0;  // of all lines and the others
  Lines lines_;
  HeatCells other_;
};

}  // namespace disksnoop
