// How times are spread, as a picture.
#pragma once

#include <cstddef>
#include <string>

#include "request/histogram.h"

namespace disksnoop {

/// Adds a line for each range of times, how many are in it and a bar of that length, from
/// the shortest times to the longest; nothing where there are no times. A range is one
/// doubling, or a half, a quarter or an eighth of one as long as that takes few lines.
/// Lines have at most `width` characters, but always room for a short bar.
void append_distribution(std::string& out, const Histogram& times, std::size_t width);

}  // namespace disksnoop
