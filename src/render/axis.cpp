#include "render/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace disksnoop {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

struct Unit {
  std::uint64_t ns;
  std::string_view name;
};
constexpr std::array kUnits = {Unit{1, "ns"},      Unit{1'000, "µs"},    Unit{1'000'000, "ms"},
                               Unit{kSecond, "s"}, Unit{kMinute, "min"}, Unit{kHour, "h"},
                               Unit{kDay, "d"}};
constexpr std::size_t kSecondsAt = 3;

constexpr std::size_t kMostSteps = 10;

std::string in_unit(std::uint64_t ns, const Unit& unit) {
  return fmt::format("{} {}", static_cast<double>(ns) / static_cast<double>(unit.ns), unit.name);
}

/// The steps from one to the next larger one.
std::uint64_t step_after(std::uint64_t step) {
  constexpr std::array kOfClocks = {
      kSecond, 2 * kSecond, 5 * kSecond, 10 * kSecond, 20 * kSecond, 30 * kSecond,
      kMinute, 2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute,
      kHour,   2 * kHour,   3 * kHour,   6 * kHour,    12 * kHour,   kDay};
  const auto next = std::ranges::upper_bound(kOfClocks, step);
  if (step >= kSecond && next != kOfClocks.end()) return *next;
  const std::uint64_t unit = step >= kDay ? kDay : 1;
  std::uint64_t power = unit;
  while (step / power >= 10) power *= 10;
  return step / power == 2 ? 5 * power : step / power == 1 ? 2 * power : 10 * power;
}

/// Times of 1 µs and more, from `from_ns` to `to_ns`, that are one of these, times a power of ten.
std::vector<Tick> of_powers(std::uint64_t from_ns, std::uint64_t to_ns, std::string_view digits) {
  std::vector<Tick> ticks;
  constexpr std::uint64_t kLargest = 1'000'000'000'000'000'000;
  for (std::uint64_t power = 1000;; power *= 10) {
    for (const char digit : digits) {
      const std::uint64_t ns = static_cast<std::uint64_t>(digit - '0') * power;
      if (ns < from_ns || ns > to_ns) continue;
      std::size_t unit = kSecondsAt;
      while (unit > 0 && kUnits[unit].ns > ns) --unit;
      ticks.push_back({ns, in_unit(ns, kUnits[unit])});
    }
    if (power == kLargest) return ticks;
  }
}

}  // namespace

std::vector<Tick> time_ticks(std::uint64_t length_ns) {
  std::uint64_t step = 1;
  while (length_ns / step > kMostSteps) step = step_after(step);
  std::size_t unit = kUnits.size() - 1;
  // 0.2 s and not 200 ms where there are whole seconds too.
  const std::uint64_t unit_from = step < kSecond && length_ns >= kSecond ? kSecond : step;
  while (unit > 0 && kUnits[unit].ns > unit_from) --unit;
  std::vector<Tick> ticks;
  for (std::uint64_t i = 0; i <= length_ns / step; ++i) {
    ticks.push_back({i * step, in_unit(i * step, kUnits[unit])});
  }
  return ticks;
}

std::vector<Tick> latency_ticks(std::uint64_t from_ns, std::uint64_t to_ns) {
  std::vector<Tick> ticks;
  for (const std::string_view digits : {"1", "125", "123456789"}) {
    ticks = of_powers(from_ns, to_ns, digits);
    if (ticks.size() >= 2) break;
  }
  return ticks;
}

std::string latency_text(std::uint64_t ns) {
  if (ns < 1000) return fmt::format("{} ns", ns);
  std::size_t unit = 1;
  // What would be rounded to 1000 is 1 of the next unit.
  while (unit < kSecondsAt &&
         static_cast<double>(ns) >= 999.5 * static_cast<double>(kUnits[unit].ns)) {
    ++unit;
  }
  const double value = static_cast<double>(ns) / static_cast<double>(kUnits[unit].ns);
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit].name);
}

std::string moment_text(std::uint64_t ns) {
  std::string text;
  for (const Unit unit : {Unit{kDay, "d"}, Unit{kHour, "h"}, Unit{kMinute, "min"}}) {
    if (ns >= unit.ns || !text.empty()) text += fmt::format("{} {} ", ns / unit.ns, unit.name);
    ns %= unit.ns;
  }
  constexpr std::uint64_t kMicrosecond = 1000;
  return text + in_unit(ns / kMicrosecond * kMicrosecond, kUnits[kSecondsAt]);
}

}  // namespace disksnoop
