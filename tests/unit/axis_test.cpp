#include "render/axis.h"

#include <gtest/gtest.h>

#include <limits>

namespace disksnoop {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::string labels(const std::vector<Tick>& ticks) {
  std::string text;
  for (const Tick& tick : ticks) text += (text.empty() ? "" : ", ") + tick.label;
  return text;
}

TEST(Axis, TimeIsInStepsThatPeopleCountIn) {
  EXPECT_EQ(labels(time_ticks(60 * kSecond)), "0 s, 10 s, 20 s, 30 s, 40 s, 50 s, 60 s");
  EXPECT_EQ(labels(time_ticks(kSecond / 10)),
            "0 ms, 10 ms, 20 ms, 30 ms, 40 ms, 50 ms, 60 ms, 70 ms, 80 ms, 90 ms, 100 ms");
  EXPECT_EQ(labels(time_ticks(3 * kSecond)), "0 s, 0.5 s, 1 s, 1.5 s, 2 s, 2.5 s, 3 s");
  EXPECT_EQ(labels(time_ticks(99 * 60 * kSecond)),
            "0 min, 10 min, 20 min, 30 min, 40 min, 50 min, 60 min, 70 min, 80 min, 90 min");
  EXPECT_EQ(labels(time_ticks(130 * 60 * kSecond)),
            "0 min, 15 min, 30 min, 45 min, 60 min, 75 min, 90 min, 105 min, 120 min");
  EXPECT_EQ(labels(time_ticks(20 * 3600 * kSecond)), "0 h, 2 h, 4 h, 6 h, 8 h, 10 h, 12 h, 14 h, "
                                                     "16 h, 18 h, 20 h");
  EXPECT_EQ(labels(time_ticks(72 * 3600 * kSecond)), "0 h, 12 h, 24 h, 36 h, 48 h, 60 h, 72 h");
  EXPECT_EQ(labels(time_ticks(100 * 86400 * kSecond)),
            "0 d, 10 d, 20 d, 30 d, 40 d, 50 d, 60 d, 70 d, 80 d, 90 d, 100 d");
}

TEST(Axis, AnyLengthHasSomeTicks) {
  for (std::uint64_t length = 5; length < std::numeric_limits<std::uint64_t>::max() / 3;
       length *= 3) {
    const std::vector<Tick> ticks = time_ticks(length);
    EXPECT_GE(ticks.size(), 4U) << length;
    EXPECT_LE(ticks.size(), 11U) << length;
    EXPECT_LE(ticks.back().ns, length);
  }
  EXPECT_EQ(labels(time_ticks(0)), "0 ns");
}

TEST(Axis, LatencyIsInPowersOfTen) {
  EXPECT_EQ(labels(latency_ticks(8'000, 2 * kSecond)), "10 µs, 100 µs, 1 ms, 10 ms, 100 ms, 1 s");
  EXPECT_EQ(labels(latency_ticks(1'000, 100'000)), "1 µs, 10 µs, 100 µs");
  EXPECT_EQ(labels(latency_ticks(0, 12'000)), "1 µs, 10 µs") << "below it is not logarithmic";
  EXPECT_EQ(latency_ticks(0, std::numeric_limits<std::uint64_t>::max()).back().ns,
            10'000'000'000'000'000'000U / 10);
}

TEST(Axis, ANarrowLatencyHasMoreTicks) {
  EXPECT_EQ(labels(latency_ticks(900'000, 3'600'000)), "1 ms, 2 ms");
  EXPECT_EQ(labels(latency_ticks(1'100'000, 4'400'000)), "2 ms, 3 ms, 4 ms");
}

TEST(Axis, LatencyHasThreeDigits) {
  EXPECT_EQ(latency_text(999), "999 ns");
  EXPECT_EQ(latency_text(1'024), "1.02 µs");
  EXPECT_EQ(latency_text(12'345'678), "12.3 ms");
  EXPECT_EQ(latency_text(9'995'000), "10.0 ms");
  EXPECT_EQ(latency_text(999'499), "999 µs");
  EXPECT_EQ(latency_text(999'500), "1.00 ms") << "not 1000 µs";
  EXPECT_EQ(latency_text(1234 * kSecond), "1234 s");
}

TEST(Axis, MomentsAreExact) {
  EXPECT_EQ(moment_text(0), "0 s");
  EXPECT_EQ(moment_text(12'300'000'000), "12.3 s");
  EXPECT_EQ(moment_text(128'000), "0.000128 s");
  EXPECT_EQ(moment_text(60 * kSecond), "1 min 0 s");
  EXPECT_EQ(moment_text(3600 * kSecond + 2'500'000'000), "1 h 0 min 2.5 s");
}

}  // namespace
}  // namespace disksnoop
