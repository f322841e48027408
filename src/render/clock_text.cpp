#include "render/clock_text.h"

#include <cstdint>
#include <cstdlib>

namespace disksnoop {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayS = 86400;

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

/// Writes a number in two digits, or so many as `N`.
template <std::size_t N = 2>
void put(char* at, std::uint64_t number) {
  auto value = static_cast<std::uint32_t>(number);
  for (std::size_t i = N; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

constexpr std::string_view kForm = "0000-00-00T00:00:00.000000+00:00";
constexpr std::size_t kSignAt = 26;

/// Whether digits are where kForm has zeroes, and all else is as it is there; the sign
/// can be either.
bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  bool has = text[kSignAt] == '+' || text[kSignAt] == '-';
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    has = has && (kForm[i] == '0' ? is_digit : text[i] == kForm[i] || i == kSignAt);
  }
  return has;
}

/// Reads the digits of a place, which are there.
unsigned number_at(std::string_view text, std::size_t at, std::size_t length = 2) {
  unsigned value = 0;
  for (const char c : text.substr(at, length)) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

constexpr unsigned days_in(std::int64_t year, unsigned month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace

void append_clock(std::string& out, const WallTime& moment) {
  const std::int64_t local_us = moment.unix_us + moment.offset_s * kSecondUs;
  const std::int64_t seconds = floor_div(local_us, kSecondUs);
  const std::int64_t days = floor_div(seconds, kDayS);
  const Date date = date_of(days);
  const auto of_day = static_cast<std::uint64_t>(seconds - days * kDayS);
  const auto offset_min = static_cast<std::uint64_t>(std::abs(moment.offset_s) / 60);
  const std::size_t begin = out.size();
  out += kForm;
  char* const at = out.data() + begin;
  put<4>(at, static_cast<std::uint64_t>(date.year));
  put(at + 5, date.month);
  put(at + 8, date.day);
  put(at + 11, of_day / 3600);
  put(at + 14, of_day / 60 % 60);
  put(at + 17, of_day % 60);
  put<6>(at + 20, static_cast<std::uint64_t>(local_us - seconds * kSecondUs));
  at[kSignAt] = moment.offset_s < 0 ? '-' : '+';
  put(at + 27, offset_min / 60);
  put(at + 30, offset_min % 60);
}

std::optional<WallTime> parse_clock(std::string_view text) {
  if (!has_form(text)) return std::nullopt;
  const Date date{number_at(text, 0, 4), number_at(text, 5), number_at(text, 8)};
  const unsigned hour = number_at(text, 11);
  const unsigned minute = number_at(text, 14);
  const unsigned second = number_at(text, 17);
  const unsigned offset_h = number_at(text, 27);
  const unsigned offset_min = number_at(text, 30);
  const bool is_west = text[kSignAt] == '-';
  if (date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > days_in(date.year, date.month) || hour > 23 || minute > 59 || second > 59 ||
      offset_h > 23 || offset_min > 59 || (is_west && offset_h == 0 && offset_min == 0)) {
    return std::nullopt;
  }
  const auto offset_s = static_cast<std::int32_t>(offset_h * 3600 + offset_min * 60);
  const std::int64_t local_s = days_of(date) * kDayS + hour * 3600 + minute * 60 + second;
  const std::int32_t east_s = is_west ? -offset_s : offset_s;
  return WallTime{(local_s - east_s) * kSecondUs + number_at(text, 20, 6), east_s};
}

}  // namespace disksnoop
