#include "system/wall_clock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <tuple>

namespace disksnoop {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

std::int64_t now_ns(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

class WallClockTest : public ::testing::Test {
 protected:
  void TearDown() override { set_zone(nullptr); }

  static void set_zone(const char* zone) {
    static_cast<void>(zone != nullptr ? ::setenv("TZ", zone, 1) : ::unsetenv("TZ"));
    ::tzset();
  }

  /// Of the moment that is so many µs after 1970-01-01 00:00 UTC.
  static WallTime at(WallClock& clock, std::int64_t unix_us) {
    return clock.at((unix_us - clock.at(0).unix_us) * 1000);
  }
};

TEST_F(WallClockTest, NowIsNow) {
  const std::int64_t before = now_ns(CLOCK_REALTIME) / 1000;
  WallClock clock;
  const std::int64_t told = clock.at(now_ns(CLOCK_MONOTONIC)).unix_us;
  const std::int64_t after = now_ns(CLOCK_REALTIME) / 1000;
  EXPECT_GE(told, before - 1000);
  EXPECT_LE(told, after + 1000);
}

TEST_F(WallClockTest, GoesAsFastAsTheOtherClock) {
  WallClock clock;
  EXPECT_EQ(clock.at(7'000'000'000).unix_us - clock.at(4'000'000'000).unix_us, 3 * kSecondUs);
  EXPECT_EQ(clock.at(-1'000'000).unix_us - clock.at(0).unix_us, -1000);
}

TEST_F(WallClockTest, KnowsEveryMomentWhereTheMachineDidNotSleep) {
  WallClock clock;
  for (int i = 0; i < 1000; ++i) clock.measure();
  EXPECT_TRUE(clock.knows(0));
  EXPECT_TRUE(clock.knows(now_ns(CLOCK_MONOTONIC)));
}

TEST_F(WallClockTest, OffsetIsThatOfTheZone) {
  for (const auto& [zone, offset_s] : {std::tuple{"UTC0", 0},
                                       {"XYZ-5:45", 5 * 3600 + 45 * 60},
                                       {"ABC3:30", -(3 * 3600 + 30 * 60)},
                                       {"LMT-0:53:28", 53 * 60}}) {
    set_zone(zone);
    WallClock clock;
    EXPECT_EQ(clock.at(now_ns(CLOCK_MONOTONIC)).offset_s, offset_s) << zone;
  }
}

TEST_F(WallClockTest, SummerTimeBeginsAndEndsAtItsMicrosecond) {
  set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  WallClock clock;
  constexpr std::int64_t kBegin = 1'774'746'000;  // 2026-03-29 01:00 UTC
  constexpr std::int64_t kEnd = 1'792'890'000;    // 2026-10-25 01:00 UTC
  // There and back: what was remembered of one minute says nothing of another.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(at(clock, kBegin * kSecondUs - 1), (WallTime{kBegin * kSecondUs - 1, 3600}));
    EXPECT_EQ(at(clock, kBegin * kSecondUs), (WallTime{kBegin * kSecondUs, 7200}));
    EXPECT_EQ(at(clock, kEnd * kSecondUs - 1), (WallTime{kEnd * kSecondUs - 1, 7200}));
    EXPECT_EQ(at(clock, kEnd * kSecondUs), (WallTime{kEnd * kSecondUs, 3600}));
  }
}

TEST_F(WallClockTest, BeforeTheEpochToo) {
  set_zone("CET-1");
  WallClock clock;
  EXPECT_EQ(at(clock, -1), (WallTime{-1, 3600}));
  EXPECT_EQ(at(clock, -60 * kSecondUs), (WallTime{-60 * kSecondUs, 3600}));
}

}  // namespace
}  // namespace disksnoop
