// Times as a histogram.
#pragma once

#include <cstdint>
#include <vector>

#include "request/histogram.h"

namespace disksnoop {

inline Histogram histogram_of(const std::vector<std::uint64_t>& times_ns) {
  Histogram histogram;
  for (const std::uint64_t ns : times_ns) histogram.add(ns);
  return histogram;
}

}  // namespace disksnoop
