#include "system/wall_clock.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace disksnoop {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr int kTries = 5;

std::int64_t now_ns(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

WallClock::WallClock() {
  ::tzset();  // reads the time zone's file, which the sandbox forbids later
  measure();
  unknown_until_ns_ = std::numeric_limits<std::int64_t>::min();
}

void WallClock::measure() {
  constexpr std::int64_t kShortestSleepNs = 1'000'000;
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
  std::int64_t asleep = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < kTries; ++i) {
    const std::int64_t before = now_ns(CLOCK_MONOTONIC);
    const std::int64_t wall = now_ns(CLOCK_REALTIME);
    const std::int64_t took = now_ns(CLOCK_MONOTONIC) - before;
    asleep = std::min(asleep, now_ns(CLOCK_BOOTTIME) - (before + took));
    if (took >= shortest) continue;
    shortest = took;
    distance_ns_ = wall - (before + took / 2);
  }
  if (std::exchange(asleep_ns_, asleep) + kShortestSleepNs < asleep) {
    unknown_until_ns_ = now_ns(CLOCK_MONOTONIC);
  }
}

WallTime WallClock::at(std::int64_t monotonic_ns) {
  const std::int64_t unix_us = floor_div(monotonic_ns + distance_ns_, 1000);
  const std::int64_t minute = floor_div(unix_us, 60'000'000);
  if (minute != minute_) {
    const std::time_t seconds = minute * 60;
    std::tm local = {};
    offset_s_ =
        ::localtime_r(&seconds, &local) != nullptr ? static_cast<std::int32_t>(local.tm_gmtoff) : 0;
    offset_s_ -= offset_s_ % 60;  // RFC 3339 has whole minutes
    minute_ = minute;
  }
  return {unix_us, offset_s_};
}

}  // namespace disksnoop
