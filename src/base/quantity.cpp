#include "base/quantity.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace disksnoop {
namespace {

/// All of `text` as a number. std::from_chars takes no blanks and no "+".
template <class Number>
std::optional<Number> parse_all(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

/// The shift that a unit stands for.
std::optional<unsigned> shift_of(char unit) {
  switch (unit) {
    case 'k':
    case 'K':
      return 10;
    case 'm':
    case 'M':
      return 20;
    case 'g':
    case 'G':
      return 30;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse_all<std::uint64_t>(text);
}

std::optional<double> parse_seconds(std::string_view text) {
  constexpr double kCentury = 3.2e9;
  if (text.starts_with('-')) return std::nullopt;  // "-0" too
  const auto seconds = parse_all<double>(text);
  const bool within = seconds && *seconds >= 0 && *seconds < kCentury;  // a NaN never is
  return within ? seconds : std::nullopt;
}

std::optional<std::uint64_t> parse_ms(std::string_view text) {
  const auto ms = parse_seconds(text);
  if (!ms) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*ms * 1e6));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto shift = shift_of(text.back());
  const auto number = parse_count(shift ? text.substr(0, text.size() - 1) : text);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() >> shift.value_or(0)) {
    return std::nullopt;
  }
  return *number << shift.value_or(0);
}

}  // namespace disksnoop
