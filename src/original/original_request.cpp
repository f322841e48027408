#include "original/original_request.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace disksnoop {
namespace {

/// Rounded; nothing for what is no number or too large for one.
std::optional<std::int64_t> nanoseconds(double value, double ns_a_unit) {
  const double ns = std::round(value * ns_a_unit);
  constexpr auto kMost = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (!(std::fabs(ns) < kMost)) return std::nullopt;
  return static_cast<std::int64_t>(ns);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

const Columns& columns_of_a_line() { return usual_columns(); }

Request request_of(const OriginalRow& row) {
  Request request;
  request.completed_ns = nanoseconds(row.time_s, 1e9);
  request.bytes = whole_number(row.bytes);
  const auto latency_ns = nanoseconds(row.latency_ms, 1e6);
  if (latency_ns && *latency_ns >= 0) request.latency_ns = static_cast<std::uint64_t>(*latency_ns);
  request.type = row.write ? 'W' : row.bytes == "0" ? 'M' : 'R';
  return request;
}

}  // namespace disksnoop
