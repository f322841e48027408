// Numbers as a user types them on the command line: decimal, without a sign or
// blanks. Each is checked and converted by the one function.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace disksnoop {

/// A whole number: decimal digits alone, also with zeroes before them ("010"
/// is ten); nothing beyond 2^64 - 1.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// Seconds from 0 to a century: "5", "0.25", ".5", "1e3".
std::optional<double> parse_seconds(std::string_view text);

/// ms from 0 on, as ns: "100", "0.05".
std::optional<std::uint64_t> parse_ms(std::string_view text);

/// Bytes of "65536", "64K", "8M" or "1G" (powers of 1024, either case);
/// nothing beyond 2^64 - 1.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace disksnoop
