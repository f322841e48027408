#include "render/heat_map_svg.h"

#include <gtest/gtest.h>

#include <string>

#include "render/heat_grid.h"

namespace disksnoop {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A map, and the summary of the same requests.
struct Traced {
  HeatMap map{kSecond};
  Summary total;

  void add(std::int64_t at_ns, const SummaryKey& key, std::uint64_t latency_ns,
           std::uint64_t requests = 1) {
    SummaryLine line;
    for (std::uint64_t i = 0; i < requests; ++i) line.latency.add(latency_ns);
    line.requests = requests;
    map.add(at_ns, key, line.latency);
    total.add(key, line);
  }

  std::string svg(std::size_t most_panels = 20, const char* keys = "disk,op") const {
    return heat_map_svg(map, total, *parse_summary_keys(keys), most_panels, std::nullopt);
  }
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t number = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++number;
  return number;
}

bool has(std::string_view text, std::string_view part) { return count(text, part) != 0; }

TEST(HeatMapSvg, WithoutRequestsItSaysSo) {
  const std::string svg = Traced().svg();
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_TRUE(has(svg, ">no requests<"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(HeatMapSvg, WithoutTimesItSaysSo) {
  Traced traced;
  SummaryLine line;
  line.requests = 3;
  traced.total.add({"sda", "R"}, line);
  EXPECT_TRUE(has(traced.svg(), ">no request of which the latency is known<"));
  traced.add(0, {"sdb", "R"}, 5000);
  EXPECT_EQ(count(traced.svg(), ">no times known<"), 1U);
}

TEST(HeatMapSvg, PanelsAreInTheOrderOfTheSummary) {
  Traced traced;
  traced.add(0, {"sda", "R"}, 5'000'000);
  traced.add(0, {"sdb", std::monostate()}, 10'000'000, 2);
  const std::string svg = traced.svg();
  EXPECT_LT(svg.find(">sdb -<title>disk: sdb, op: -</title>"), svg.find(">sda R<title>"));
  EXPECT_TRUE(has(svg, ">2 requests, p50 10.0 ms, p99 10.0 ms, max 10.0 ms<"));
  EXPECT_FALSE(has(svg, ">other"));
}

TEST(HeatMapSvg, ACellTellsWhatItStandsFor) {
  Traced traced;
  traced.add(5 * kSecond, {"sda", "R"}, 5000);
  traced.add(8 * kSecond, {"sda", "R"}, 1'100'000, 123);
  const std::string svg = traced.svg();
  EXPECT_TRUE(has(svg, "<title>3 s to 4 s, 1.05 ms to 1.18 ms: 123 requests</title>"));
  EXPECT_TRUE(has(svg, "<title>0 s to 1 s, 4.61 µs to 5.12 µs: 1 request</title>"));
  EXPECT_TRUE(has(svg, ">requests in a cell of 1 s<"));
}

TEST(HeatMapSvg, WhatIsNotShownIsAmongTheOthers) {
  Traced traced;
  for (std::uint64_t pid = 1; pid <= 5; ++pid) traced.add(0, {pid}, 1'000'000, pid);
  const std::string svg = traced.svg(2, "pid");
  EXPECT_TRUE(has(svg, ">5<title>pid: 5</title>"));
  EXPECT_TRUE(has(svg, ">other, 3 lines<"));
  EXPECT_TRUE(has(svg, ">6 requests, p50"));
  EXPECT_TRUE(has(svg, ": 6 requests</title>"));
  EXPECT_TRUE(has(traced.svg(4, "pid"), ">other, 1 line<"));
  EXPECT_TRUE(has(traced.svg(0, "pid"), ": 15 requests</title>"));
}

TEST(HeatMapSvg, ALineWithoutRoomInTheMapSaysWhereItIs) {
  Traced traced;
  for (std::uint64_t pid = 0; pid < HeatMap::kMostLines; ++pid) traced.add(0, {pid}, 1000);
  traced.add(0, {std::uint64_t{77777}}, kSecond);
  const std::string svg = traced.svg(1, "pid");
  EXPECT_TRUE(has(svg, ">77777<"));
  EXPECT_TRUE(has(svg, ">among the others: "));
}

TEST(HeatMapSvg, TextOfOthersIsNoMarkup) {
  Traced traced;
  traced.add(0, {"</text><script>\"&'", "\x1b\xff\xef\xbf\xbf"}, 5000);
  const std::string svg = traced.svg(1, "comm,file");
  EXPECT_TRUE(has(svg, "&lt;/text&gt;&lt;script&gt;&quot;&amp;&#39; \\x1b\\xff\\xef\\xbf\\xbf"));
  EXPECT_FALSE(has(svg, "<script"));
  EXPECT_FALSE(has(svg, "\x1b"));
  EXPECT_FALSE(has(svg, "\xff"));
  EXPECT_FALSE(has(svg, "\xef\xbf\xbf"));
}

TEST(HeatMapSvg, OfALongPathTheEndIsShown) {
  Traced traced;
  const std::string path = "/begin/" + std::string(300, 'x') + "/end";
  traced.add(0, {"sda", path}, 5000);
  const std::string svg = traced.svg(1, "disk,file");
  EXPECT_TRUE(has(svg, ">sda …x"));
  EXPECT_TRUE(has(svg, "x/end<title>disk: sda, file: " + path + "</title>"));
}

TEST(HeatMapSvg, OnlyTheLatenciesInUseAreShown) {
  Traced traced;
  traced.add(0, {"sda", "R"}, 30'000);
  traced.add(0, {"sdb", "R"}, 30'000'000);
  const std::string svg = traced.svg();
  EXPECT_EQ(count(svg, ">100 µs<"), 2U) << "the same axis for both";
  EXPECT_EQ(count(svg, ">10 ms<"), 2U);
  EXPECT_FALSE(has(svg, ">1 µs<"));
  EXPECT_FALSE(has(svg, ">100 ms<"));
}

TEST(HeatMapSvg, TheStartIsTold) {
  Traced traced;
  traced.add(0, {"sda", "R"}, 30'000);
  const std::string svg =
      heat_map_svg(traced.map, traced.total, usual_summary_keys(), 1, WallTime{0, 3600});
  EXPECT_TRUE(has(svg, ">by disk, op, from 1970-01-01T01:00:00.000000+01:00<"));
  EXPECT_FALSE(has(traced.svg(), "from 1970"));
}

TEST(HeatMapSvg, APictureOfManyCellsStaysSmall) {
  Traced traced;
  for (std::int64_t at = 0; at < 240; ++at) {
    for (std::uint64_t pid = 0; pid < 20; ++pid) {
      for (unsigned i = 0; i < 128; ++i)
        traced.add(at * kSecond, {pid}, (8ULL + i % 8) << (8 + i / 8));
    }
  }
  const std::string svg = traced.svg(20, "pid");
  EXPECT_LT(svg.size(), 6'000'000U);

  const SummaryTop top = top_of(traced.total, 20);
  const HeatGrid grid = heat_grid(traced.map, top);
  EXPECT_LE(grid.rows, kMostGridRows);
  std::uint64_t requests = 0;
  std::size_t cells = 0;
  for (const HeatPanel& panel : grid.panels) {
    cells += panel.cells.size();
    for (const HeatCell& cell : panel.cells) {
      requests += cell.requests;
      EXPECT_LT(cell.row, grid.rows);
      EXPECT_LT(cell.column, grid.columns);
    }
  }
  EXPECT_LE(cells, kMostGridCells);
  EXPECT_EQ(requests, 240U * 20 * 128) << "coarse, but nothing is lost";
}

TEST(HeatMapSvg, HeightsAreThoseOfTheRows) {
  Traced traced;
  traced.add(0, {"sda", "R"}, 1'000'000);
  traced.add(0, {"sda", "R"}, 100'000'000);
  const SummaryTop top = top_of(traced.total, 1);
  const HeatGrid grid = heat_grid(traced.map, top);
  for (std::size_t row = 0; row < grid.rows; ++row) {
    EXPECT_DOUBLE_EQ(grid.height_of(grid.row_limit_ns(row)),
                     static_cast<double>(row) / static_cast<double>(grid.rows));
  }
  EXPECT_LE(grid.row_limit_ns(0), 1'000'000U);
  EXPECT_GT(grid.row_limit_ns(1), 1'000'000U) << "the lowest row is in use";
  EXPECT_GT(grid.row_limit_ns(grid.rows), 100'000'000U);
}

}  // namespace
}  // namespace disksnoop
