#include "render/clock_text.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::string text_of(const WallTime& moment) {
  std::string text;
  append_clock(text, moment);
  return text;
}

struct Moment {
  std::int64_t unix_s;  // as date(1) tells it
  std::string_view utc;
};

constexpr Moment kMoments[] = {
    {0, "1970-01-01T00:00:00"},
    {-1, "1969-12-31T23:59:59"},
    {951'782'400, "2000-02-29T00:00:00"},
    {951'868'800, "2000-03-01T00:00:00"},
    {1'709'251'199, "2024-02-29T23:59:59"},
    {1'709'251'200, "2024-03-01T00:00:00"},
    {4'107'542'399, "2100-02-28T23:59:59"},  // no leap year
    {4'107'542'400, "2100-03-01T00:00:00"},
    {1'767'225'599, "2025-12-31T23:59:59"},
    {2'147'483'648, "2038-01-19T03:14:08"},
    {-62'167'219'200, "0000-01-01T00:00:00"},
    {253'402'300'799, "9999-12-31T23:59:59"},
};

TEST(ClockText, MomentsOfUtc) {
  for (const auto& [unix_s, utc] : kMoments) {
    EXPECT_EQ(text_of({unix_s * kSecond, 0}), std::string(utc) + ".000000+00:00");
  }
}

TEST(ClockText, Microseconds) {
  EXPECT_EQ(text_of({1, 0}), "1970-01-01T00:00:00.000001+00:00");
  EXPECT_EQ(text_of({-1, 0}), "1969-12-31T23:59:59.999999+00:00");
}

TEST(ClockText, LocalTimeAndItsOffset) {
  const std::int64_t us = 1'709'251'199 * kSecond + 123'456;
  EXPECT_EQ(text_of({us, 3600}), "2024-03-01T00:59:59.123456+01:00");
  EXPECT_EQ(text_of({us, -12'600}), "2024-02-29T20:29:59.123456-03:30");
  EXPECT_EQ(text_of({us, -1800}), "2024-02-29T23:29:59.123456-00:30");
  EXPECT_EQ(text_of({us, 50'400}), "2024-03-01T13:59:59.123456+14:00");
}

TEST(ClockText, IsReadAgain) {
  for (const auto& [unix_s, utc] : kMoments) {
    for (const std::int32_t offset_s : {0, 3600, -12'600, -1800, 20'700}) {
      if (utc.starts_with("0000-01") || utc.starts_with("9999-12")) continue;
      const WallTime moment{unix_s * kSecond + 42, offset_s};
      EXPECT_EQ(parse_clock(text_of(moment)), moment) << text_of(moment);
    }
  }
}

TEST(ClockText, WhatIsNoMomentIsNone) {
  for (const std::string_view text :
       {"", "2024-02-29", "2024-02-29T23:59:59Z", "2023-02-29T00:00:00.000000+00:00",
        "2100-02-29T00:00:00.000000+00:00", "2024-06-31T00:00:00.000000+00:00",
        "2024-13-01T00:00:00.000000+00:00", "2024-00-01T00:00:00.000000+00:00",
        "2024-01-00T00:00:00.000000+00:00", "2024-01-01T24:00:00.000000+00:00",
        "2024-01-01T00:60:00.000000+00:00", "2024-01-01 00:00:00.000000+00:00",
        "2024-01-01T00:00:00,000000+00:00", "2024-01-01T00:00:00.00000x+00:00",
        "2024-01-01T00:00:00.000000+00:60", "2024-01-01T00:00:00.000000-00:00",
        "2024-01-01T00:00:00.000000 00:00", "2024-01-01T00:00:00.000000+00:000",
        "+024-01-01T00:00:00.000000+00:00"}) {
    EXPECT_EQ(parse_clock(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace disksnoop
