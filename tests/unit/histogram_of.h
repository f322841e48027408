// Times, and a histogram of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "request/histogram.h"

namespace disksnoop {

/// As many times at each length, from 1 µs to 1000 s.
inline std::vector<std::uint64_t> some_times(std::size_t count) {
  std::mt19937_64 random(42);
  std::uniform_real_distribution<double> exponent(3, 12);
  std::vector<std::uint64_t> times(count);
  std::ranges::generate(
      times, [&] { return static_cast<std::uint64_t>(std::pow(10.0, exponent(random))); });
  return times;
}

inline Histogram histogram_of(const std::vector<std::uint64_t>& times_ns) {
  Histogram histogram;
  for (const std::uint64_t ns : times_ns) histogram.add(ns);
  return histogram;
}

}  // namespace disksnoop
