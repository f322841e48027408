#include "request/heat_map.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace disksnoop {
namespace {

const SummaryKey kRead = {"sda", "R"};
const SummaryKey kWrite = {"sda", "W"};

Histogram times(std::initializer_list<std::uint64_t> list) {
  Histogram histogram;
  for (const std::uint64_t ns : list) histogram.add(ns);
  return histogram;
}

std::uint64_t requests(const HeatCells& cells) {
  return std::accumulate(cells.begin(), cells.end(), std::uint64_t{0},
                         [](auto sum, const HeatCell& cell) { return sum + cell.requests; });
}

std::uint64_t requests(const HeatMap& map) {
  std::uint64_t sum = requests(map.other());
  for (const auto& [key, cells] : map.lines()) sum += requests(cells);
  return sum;
}

TEST(HeatMap, RowsAreEightToADoubling) {
  for (std::size_t row = HeatMap::kRowsEach; row < 240; ++row) {
    EXPECT_EQ(HeatMap::lower_limit_ns(row + HeatMap::kRowsEach), 2 * HeatMap::lower_limit_ns(row));
    EXPECT_EQ(HeatMap::upper_limit_ns(row) + 1, HeatMap::lower_limit_ns(row + 1));
  }
  EXPECT_EQ(HeatMap::lower_limit_ns(0), 0U);
  EXPECT_EQ(HeatMap::lower_limit_ns(HeatMap::kRowsEach), 1024U);
}

TEST(HeatMap, ACellHasTheRequestsOfItsTimes) {
  HeatMap map(1000);
  map.add(5000, kRead, times({1'000'000, 1'000'100, 4'000'000}));
  map.add(5999, kRead, times({1'000'000}));
  map.add(6000, kRead, times({1'000'000}));
  const HeatCells& cells = map.lines().at(kRead);
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(cells[0].requests, 3U);
  EXPECT_LE(HeatMap::lower_limit_ns(cells[0].row), 1'000'000U);
  EXPECT_GE(HeatMap::upper_limit_ns(cells[0].row), 1'000'100U);
  EXPECT_EQ(cells[1], (HeatCell{0, static_cast<std::uint16_t>(cells[0].row + 16), 1}));
  EXPECT_EQ(cells[2], (HeatCell{1, cells[0].row, 1}));
  EXPECT_EQ(map.begin_ns(), 5000);
  EXPECT_EQ(map.columns(), 2U);
}

TEST(HeatMap, ALongestTimeHasARow) {
  HeatMap map(1);
  constexpr std::uint64_t kLongest = std::numeric_limits<std::uint64_t>::max();
  map.add(0, kRead, times({kLongest}));
  EXPECT_EQ(HeatMap::upper_limit_ns(map.lines().at(kRead)[0].row), kLongest);
}

TEST(HeatMap, AtTheLimitColumnsAreTwiceAsWideAndNothingIsLost) {
  HeatMap map(10);
  for (std::int64_t at = 0; at < 2400; at += 10) map.add(at, kRead, times({5000, 7000}));
  EXPECT_EQ(map.width_ns(), 10U);
  EXPECT_EQ(map.columns(), 240U);
  map.add(2400, kWrite, times({5000}));
  EXPECT_EQ(map.width_ns(), 20U);
  EXPECT_EQ(map.columns(), 121U);
  EXPECT_EQ(map.lines().at(kRead).size(), 240U) << "two rows of 120 columns";
  for (const HeatCell& cell : map.lines().at(kRead)) EXPECT_EQ(cell.requests, 2U);
  EXPECT_EQ(map.lines().at(kWrite).front().column, 120U);
  EXPECT_EQ(requests(map), 481U);
}

TEST(HeatMap, AnyRunHasAPlace) {
  HeatMap map(1);
  std::uint64_t added = 0;
  for (std::int64_t at = 1; at < std::numeric_limits<std::int64_t>::max() / 3; at *= 3) {
    map.add(at, kRead, times({1000}));
    map.add_other(-at, times({1000}));
    added += 2;
    ASSERT_LE(map.columns(), HeatMap::kMostColumns);
  }
  map.add(std::numeric_limits<std::int64_t>::max(), kRead, times({1000}));
  map.add(std::numeric_limits<std::int64_t>::min(), kRead, times({1000}));
  EXPECT_LE(map.columns(), HeatMap::kMostColumns);
  EXPECT_EQ(requests(map), added + 2);
}

TEST(HeatMap, TimesBeforeTheFirst) {
  HeatMap map(100);
  map.add(1000, kRead, times({5000}));
  map.add_other(1000, times({5000}));
  map.add(999, kRead, times({5000}));
  EXPECT_EQ(map.begin_ns(), 900);
  map.add(700, kWrite, times({5000}));
  EXPECT_EQ(map.begin_ns(), 700);
  EXPECT_EQ(map.columns(), 4U);
  EXPECT_EQ(map.lines().at(kWrite).front().column, 0U);
  EXPECT_EQ(map.lines().at(kRead).front().column, 2U);
  EXPECT_EQ(map.lines().at(kRead).back().column, 3U);
  EXPECT_EQ(map.other().front().column, 3U);
}

TEST(HeatMap, WhatIsCoveredHasColumns) {
  HeatMap map(100);
  EXPECT_EQ(map.columns(), 0U);
  map.cover(50);
  map.add(250, kRead, times({5000}));
  map.cover(999);
  EXPECT_EQ(map.begin_ns(), 50);
  EXPECT_EQ(map.columns(), 10U);
  EXPECT_EQ(map.lines().at(kRead).front().column, 2U);
  EXPECT_FALSE(map.empty());
}

TEST(HeatMap, WithoutTimesThereIsNoLine) {
  HeatMap map(100);
  map.add(0, kRead, {});
  map.add_other(0, {});
  EXPECT_TRUE(map.empty());
  EXPECT_TRUE(map.lines().empty());
}

TEST(HeatMap, BeyondTheRoomForLinesThereAreTheOthers) {
  HeatMap map(100);
  for (std::uint64_t pid = 0; pid < HeatMap::kMostLines + 3; ++pid) {
    map.add(0, {pid}, times({5000}));
  }
  map.add(0, {std::uint64_t{0}}, times({5000}));
  map.add_other(0, times({5000}));
  EXPECT_EQ(map.lines().size(), HeatMap::kMostLines);
  EXPECT_EQ(requests(map.other()), 4U);
  EXPECT_EQ(requests(map.lines().at({std::uint64_t{0}})), 2U);
}

TEST(HeatMap, CellsAreBounded) {
  Histogram all;
  for (unsigned bit = 7; bit < 40; ++bit) {
    for (unsigned part = 0; part < 8; ++part) all.add((8ULL + part) << bit);
  }
  HeatMap map(1);
  for (std::int64_t at = 0; at < 64; ++at) {
    for (std::uint64_t pid = 0; pid < 128; ++pid) map.add(at, {pid}, all);
  }
  EXPECT_GT(map.width_ns(), 1U);
  std::size_t cells = 0;
  for (const auto& [key, of_line] : map.lines()) cells += of_line.size();
  EXPECT_LE(cells, HeatMap::kMostCells);
  EXPECT_EQ(requests(map), 64 * 128 * all.count());
}

}  // namespace
}  // namespace disksnoop
