// Moments of the kernel's clock as local time.
#pragma once

#include <cstdint>
#include <ctime>
#include <limits>

#include "request/request.h"

namespace disksnoop {

/// CLOCK_MONOTONIC goes as fast as the wall clock, but the distance between them
/// changes when somebody sets the clock, and while the machine is suspended: it is
/// to be measured again from time to time.
class WallClock {
 public:
  WallClock();

  /// Measures the distance, to less than a microsecond on a machine that does not
  /// stop this process in between.
  void measure();

  /// The moment of a CLOCK_MONOTONIC of this process, by the distance that was last
  /// measured; with the offset of its time zone (TZ, else /etc/localtime).
  WallTime at(std::int64_t monotonic_ns);

  /// Whether that distance is the one of this moment. It is not known of one before a measurement
  /// that found that the machine had slept: CLOCK_MONOTONIC does not tell when.
  bool knows(std::int64_t monotonic_ns) const { return monotonic_ns > unknown_until_ns_; }

 private:
  std::int64_t distance_ns_ = 0;
  std::int64_t asleep_ns_ = 0;  ///< CLOCK_BOOTTIME, which goes on meanwhile, is ahead by so much
  std::int64_t unknown_until_ns_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t minute_ = -1;  ///< for which offset_s_ is; it changes at whole minutes
  std::int32_t offset_s_ = 0;
};

}  // namespace disksnoop
