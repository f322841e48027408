// What stands beside the axes of a picture: ticks, and times as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace disksnoop {

struct Tick {
  std::uint64_t ns;
  std::string label;  ///< with its unit
};

/// From 0 to a length of time, at most ten and one: at 1, 2, 5 and so on of a unit that
/// people count in.
std::vector<Tick> time_ticks(std::uint64_t length_ns);

/// The powers of ten between two times, from 1 µs on, for a logarithmic axis; multiples of
/// them where those are too few to tell what is between.
std::vector<Tick> latency_ticks(std::uint64_t from_ns, std::uint64_t to_ns);

/// With three digits: "1.02 ms".
std::string latency_text(std::uint64_t ns);

/// Since the beginning, as exact as it is, to 1 µs: "12.3 s", "1 h 2 min 12.3 s".
std::string moment_text(std::uint64_t ns);

}  // namespace disksnoop
