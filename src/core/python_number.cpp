#include "core/python_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

namespace disksnoop {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Takes a leading + or - away; true if it was a minus.
bool take_sign(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const bool negative = text.front() == '-';
  text.remove_prefix(1);
  return negative;
}

/// `text` without its underscores, if each stands between two digits (PEP 515).
std::optional<std::string> without_underscores(std::string_view text) {
  std::string digits;
  digits.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      digits.push_back(text[i]);
    } else if (i == 0 || !is_decimal(text[i - 1]) || i + 1 == text.size() ||
               !is_decimal(text[i + 1])) {
      return std::nullopt;
    }
  }
  return digits;
}

/// The last digit of `text`, if it is all digits with single underscores
/// between them.
template <class IsDigit>
std::optional<char> digits_end_in(std::string_view text, IsDigit is_digit) {
  bool digit_before = false;
  for (const char c : text) {
    if (c == '_' ? !digit_before : !is_digit(c)) return std::nullopt;
    digit_before = c != '_';
  }
  if (!digit_before) return std::nullopt;  // empty, or an underscore at the end
  return text.back();
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

/// The unsigned number in `text`, rounded to nearest even as Python does it.
/// Out of range is infinity or zero, as float("1e999") is.
std::optional<double> unsigned_double(std::string_view text) {
  if (text.empty() || (text.front() != '.' && !is_decimal(text.front()))) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range)
    return std::strtod(std::string(text).c_str(), nullptr);
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// Takes the digits that `text` begins with away; their number, of at most 16
/// digits.
std::uint64_t take_digits(std::string_view& text) {
  std::uint64_t value = 0;
  std::size_t count = 0;
  while (count < text.size() && count < 16 && is_decimal(text[count])) {
    value = value * 10 + static_cast<std::uint64_t>(text[count++] - '0');
  }
  text.remove_prefix(count);
  return value;
}

/// Reads `text` if it is digits, a point, digits, and not more than 15 digits:
/// together they are an integer that a double holds exactly, the power of ten
/// is one too, and the division rounds as it should (Clinger).
bool read_short_decimal(std::string_view text, double& value) {
  constexpr std::size_t kMostDigits = 15;
  constexpr std::array<std::uint64_t, kMostDigits + 1> kPowersOfTen = [] {
    std::array<std::uint64_t, kMostDigits + 1> powers = {1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
    return powers;
  }();
  if (text.empty() || text.size() > kMostDigits + 1 || !is_decimal(text.front())) return false;
  const std::uint64_t whole = take_digits(text);
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  const std::uint64_t power = kPowersOfTen[text.size()];
  const std::uint64_t fraction = take_digits(text);
  if (!text.empty()) return false;
  value = static_cast<double>(whole * power + fraction) / static_cast<double>(power);
  return true;
}

std::optional<double> unsigned_float(std::string_view text) {
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    return std::numeric_limits<double>::infinity();
  }
  if (equals_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  if (text.find('_') == std::string_view::npos) return unsigned_double(text);
  const auto digits = without_underscores(text);
  return digits ? unsigned_double(*digits) : std::nullopt;
}

std::optional<double> any_float(std::string_view text) {
  const bool negative = take_sign(text);
  const auto value = unsigned_float(text);
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

std::optional<double> any_int(std::string_view text) {
  if (!is_python_int(text)) return std::nullopt;
  const bool negative = take_sign(text);
  const auto value = unsigned_float(text);
  if (!value || std::isinf(*value)) return std::nullopt;
  // An integer has no negative zero.
  return negative && *value != 0 ? -*value : *value;
}

}  // namespace

std::optional<double> python_float(std::string_view text) {
  double value = 0;
  if (read_short_decimal(text, value)) return value;  // nearly always
  return any_float(text);
}

bool is_python_int(std::string_view text) {
  take_sign(text);
  return digits_end_in(text, is_decimal).has_value();
}

std::optional<double> python_int(std::string_view text) {
  std::string_view rest = text;
  const std::uint64_t value = take_digits(rest);
  if (rest.empty() && !text.empty()) return static_cast<double>(value);  // nearly always
  return any_int(text);
}

std::optional<bool> python_hex_is_odd(std::string_view text) {
  take_sign(text);
  if (text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    text.remove_prefix(2);
    // int("0x_1", 16) is 1: one underscore may follow the prefix.
    if (text.size() >= 2 && text.front() == '_') text.remove_prefix(1);
  }
  const auto last = digits_end_in(text, is_hex);
  if (!last) return std::nullopt;
  const int value = is_decimal(*last) ? *last - '0' : (*last | 0x20) - 'a' + 10;
  return (value & 1) != 0;
}

}  // namespace disksnoop
