// Moments of the wall clock as RFC 3339 writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "request/request.h"

namespace disksnoop {

/// Adds "2026-11-25T23:14:08.123456+01:00": local time with microseconds and its
/// offset from UTC. Always 32 characters, from the year 0 to 9999.
void append_clock(std::string& out, const WallTime& moment);

/// The moment that append_clock() wrote; none if `text` is not of that form.
std::optional<WallTime> parse_clock(std::string_view text);

}  // namespace disksnoop
