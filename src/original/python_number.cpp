#include "original/python_number.h"

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

std::optional<double> unsigned_float(std::string_view text) {
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    return std::numeric_limits<double>::infinity();
  }
  if (equals_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  if (text.find('_') == std::string_view::npos) return unsigned_double(text);
  const auto digits = without_underscores(text);
  return digits ? unsigned_double(*digits) : std::nullopt;
}

}  // namespace

std::optional<double> python_float(std::string_view text) {
  const bool negative = take_sign(text);
  const auto value = unsigned_float(text);
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

bool is_python_int(std::string_view text) {
  take_sign(text);
  return digits_end_in(text, is_decimal).has_value();
}

std::optional<double> python_int(std::string_view text) {
  if (!is_python_int(text)) return std::nullopt;
  const bool negative = take_sign(text);
  const auto value = unsigned_float(text);
  if (!value || std::isinf(*value)) return std::nullopt;
  // An integer has no negative zero.
  return negative && *value != 0 ? -*value : *value;
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
