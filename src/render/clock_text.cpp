#include "render/clock_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace disksnoop {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // in µs
constexpr std::int64_t kDay = 86400;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

/// Days since 1970-01-01 as a date of the Gregorian calendar, counted in eras of 400
/// years that begin in March, so that the leap day is the last of a year.
constexpr Date date_of(std::int64_t days) {
  days += 719468;  // from 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr std::int64_t days_of(const Date& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year =
      (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

static_assert(date_of(days_of({2024, 2, 29})).day == 29 && days_of({1970, 1, 1}) == 0);

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// Writes `value` in two digits, or so many as `N`.
template <std::size_t N = 2>
void put(char* at, std::uint64_t value) {
  for (std::size_t i = N; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

/// Reads the digits of a fixed place.
std::optional<std::int64_t> number_at(std::string_view text, std::size_t at, std::size_t length) {
  std::int64_t value = 0;
  for (const char c : text.substr(at, length)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

void append_clock(std::string& out, const WallTime& moment) {
  const std::int64_t local_us = moment.unix_us + moment.offset_s * kSecond;
  const std::int64_t seconds = floor_div(local_us, kSecond);
  const std::int64_t days = floor_div(seconds, kDay);
  const Date date = date_of(days);
  const auto of_day = static_cast<std::uint64_t>(seconds - days * kDay);
  const auto offset_min = static_cast<std::uint64_t>(std::abs(moment.offset_s) / 60);
  std::array<char, 33> text = {"0000-00-00T00:00:00.000000+00:00"};
  char* const at = text.data();
  put<4>(at, static_cast<std::uint64_t>(date.year));
  put(at + 5, date.month);
  put(at + 8, date.day);
  put(at + 11, of_day / 3600);
  put(at + 14, of_day / 60 % 60);
  put(at + 17, of_day % 60);
  put<6>(at + 20, static_cast<std::uint64_t>(local_us - seconds * kSecond));
  at[26] = moment.offset_s < 0 ? '-' : '+';
  put(at + 27, offset_min / 60);
  put(at + 30, offset_min % 60);
  out.append(at, text.size() - 1);
}

std::optional<WallTime> parse_clock(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000+00:00";
  if (text.size() != kForm.size()) return std::nullopt;
  const auto year = number_at(text, 0, 4);
  const auto month = number_at(text, 5, 2);
  const auto day = number_at(text, 8, 2);
  const auto hour = number_at(text, 11, 2);
  const auto minute = number_at(text, 14, 2);
  const auto second = number_at(text, 17, 2);
  const auto micros = number_at(text, 20, 6);
  const auto offset_h = number_at(text, 27, 2);
  const auto offset_min = number_at(text, 30, 2);
  if (!year || !month || !day || !hour || !minute || !second || !micros || !offset_h ||
      !offset_min || *month < 1 || *month > 12) {
    return std::nullopt;
  }
  const std::int64_t sign = text[26] == '-' ? -1 : 1;
  const std::int64_t offset_s = sign * (*offset_h * 3600 + *offset_min * 60);
  const std::int64_t local_s =
      days_of({*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)}) * kDay +
      *hour * 3600 + *minute * 60 + *second;
  const WallTime moment{(local_s - offset_s) * kSecond + *micros,
                        static_cast<std::int32_t>(offset_s)};
  // What is written again is the same, or it was no such moment: a 31st of June.
  std::string again;
  append_clock(again, moment);
  return again == text ? std::optional(moment) : std::nullopt;
}

}  // namespace disksnoop
