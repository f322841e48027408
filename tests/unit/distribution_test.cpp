#include "render/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "base/text.h"
#include "histogram_of.h"

namespace disksnoop {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::string picture(const Histogram& times, std::size_t width) {
  std::string out;
  append_distribution(out, times, width);
  return out;
}

std::vector<std::string> lines(const Histogram& times, std::size_t width = 80) {
  std::istringstream text(picture(times, width));
  std::vector<std::string> all;
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

/// What the picture says of one time: "65.5 µs - 71.7 µs".
std::string range_of(std::uint64_t ns) {
  const std::string line = lines(histogram_of({ns})).front();
  return line.substr(4, line.find("  ", 4) - 4);
}

/// `times` in the doubling that begins with 1.024 µs << doubling.
void add_in_doubling(Histogram& histogram, unsigned doubling, std::uint64_t times = 1) {
  for (; times > 0; --times) histogram.add(std::uint64_t{1024} << doubling);
}

TEST(Distribution, HasABarForEachRange) {
  Histogram times;
  add_in_doubling(times, 6, 10);
  times.add(100'000);
  times.add(100'000);
  times.add(100'000);
  times.add(120'000);
  EXPECT_EQ(picture(times, 50), "    65.5 µs - 71.7 µs  10 |**********************|\n"
                                "    71.7 µs - 77.8 µs   0 |                      |\n"
                                "    77.8 µs - 84.0 µs   0 |                      |\n"
                                "    84.0 µs - 92.2 µs   0 |                      |\n"
                                "    92.2 µs - 100 µs    3 |*******               |\n"
                                "     100 µs - 111 µs    0 |                      |\n"
                                "     111 µs - 121 µs    1 |**                    |\n");
}

TEST(Distribution, WithoutTimesThereIsNone) { EXPECT_EQ(picture({}, 80), ""); }

TEST(Distribution, ATimeIsInItsRange) {
  EXPECT_EQ(range_of(0), "0 ns - 96 ns");
  EXPECT_EQ(range_of(1023), "864 ns - 1.02 µs");
  EXPECT_EQ(range_of(1024), "1.02 µs - 1.12 µs");
  EXPECT_EQ(range_of(1'048'576), "1.05 ms - 1.15 ms");
  EXPECT_EQ(range_of(1'000'000), "967 µs - 1.05 ms");
  EXPECT_EQ(range_of(10'000'000'000), "9.40 s - 10.2 s");
  EXPECT_EQ(range_of((std::uint64_t{1} << 40) - 1), "16.9 min - 18.3 min");
}

TEST(Distribution, TheLastRangeHasNoEnd) {
  EXPECT_EQ(range_of(std::uint64_t{1} << 40), "18.3 min or more");
  EXPECT_EQ(range_of(kMost), "18.3 min or more");
}

TEST(Distribution, RangesAreFinerWhereThatTakesFewLines) {
  const auto lines_of = [](unsigned doublings) {
    Histogram times;
    add_in_doubling(times, 3);
    add_in_doubling(times, 3 + doublings);
    return lines(times).size();
  };
  EXPECT_EQ(lines_of(0), 1U);
  EXPECT_EQ(lines_of(2), 17U) << "eighths";
  EXPECT_EQ(lines_of(3), 13U) << "quarters: it would be 25 eighths";
  EXPECT_EQ(lines_of(4), 17U);
  EXPECT_EQ(lines_of(5), 11U) << "halves";
  EXPECT_EQ(lines_of(9), 19U);
  EXPECT_EQ(lines_of(10), 11U) << "doublings";
  EXPECT_EQ(lines_of(19), 20U);
}

TEST(Distribution, AtTheirWidestEachRangeIsADoubling) {
  const auto all = lines(histogram_of({0, 500, 1023, 1024, 2'000'000'000'000}));
  ASSERT_EQ(all.size(), 32U) << "there are no fewer doublings";
  EXPECT_TRUE(all.front().starts_with("        0 ns - 1.02 µs   3 |")) << all.front();
  EXPECT_TRUE(all[1].starts_with("     1.02 µs - 2.05 µs   1 |")) << all[1];
  EXPECT_TRUE(all.back().starts_with("    18.3 min or more     1 |")) << all.back();
}

/// The number that stands before its bar.
std::uint64_t count_of(const std::string& line) {
  const std::string before_bar = line.substr(0, line.find('|') - 1);
  return std::stoull(before_bar.substr(before_bar.rfind(' ')));
}

TEST(Distribution, EachTimeIsCountedOnce) {
  for (const unsigned doublings : {1U, 3U, 6U, 12U, 30U}) {
    Histogram times;
    const std::uint64_t end = std::uint64_t{1024} << doublings;
    for (std::uint64_t ns = 0; ns < end; ns += end / 500) times.add(ns);
    std::uint64_t counted = 0;
    for (const std::string& line : lines(times)) counted += count_of(line);
    EXPECT_EQ(counted, times.count()) << doublings;
  }
}

TEST(Distribution, NoRangeHasMuchMoreRoomThanAnother) {
  for (const double doublings : {2.0, 4.0, 9.0, 18.0}) {
    Histogram times;
    for (double i = 0; i < doublings; i += 1.0 / 1024)
      times.add(static_cast<std::uint64_t>(4096 * std::pow(2, i)));
    std::vector<std::uint64_t> counts;
    for (const std::string& line : lines(times)) counts.push_back(count_of(line));
    EXPECT_GT(counts.size(), 15U);
    EXPECT_LE(*std::ranges::max_element(counts) * 10, *std::ranges::min_element(counts) * 13);
  }
}

TEST(Distribution, ARangeBeginsWhereTheOneBeforeEnds) {
  for (const unsigned doublings : {1U, 3U, 6U, 12U}) {
    std::string end;
    for (const std::string& line : lines(histogram_of({700, std::uint64_t{1024} << doublings}))) {
      const std::size_t dash = line.find(" - ");
      const std::string begin =
          line.substr(line.find_first_not_of(' '), dash - line.find_first_not_of(' '));
      if (!end.empty()) {
        EXPECT_EQ(begin, end);
      }
      end = line.substr(dash + 3, line.find("  ", dash) - dash - 3);
      EXPECT_NE(begin, end);
    }
  }
}

TEST(Distribution, LinesAreAsWideAsTheTerminal) {
  const Histogram times = histogram_of({1000, 70'000, 100'000, 3'000'000});
  for (const std::size_t width : {60U, 80U, 120U}) {
    for (const std::string& line : lines(times, width))
      EXPECT_EQ(count_code_points(line), width) << line;
  }
}

TEST(Distribution, ANarrowTerminalHasAShortBar) {
  for (const std::size_t width : {0U, 1U, 30U}) {
    EXPECT_EQ(picture(histogram_of({70'000}), width), "    65.5 µs - 71.7 µs  1 |********|\n")
        << width;
  }
}

TEST(Distribution, ABarHasALimit) {
  EXPECT_EQ(picture(histogram_of({70'000}), std::numeric_limits<std::size_t>::max()),
            "    65.5 µs - 71.7 µs  1 |" + std::string(100, '*') + "|\n");
}

TEST(Distribution, WhatIsRareIsSeen) {
  Histogram times;
  times.add_counted(300, kMost - 1);
  times.add_counted(304, 1);
  const auto all = lines(times, 80);
  EXPECT_EQ(std::ranges::count(all.back(), '*'), 1) << all.back();
  EXPECT_GT(std::ranges::count(all.front(), '*'), 8);
}

}  // namespace
}  // namespace disksnoop
