// The values of options: what is taken is within its bounds, and what is refused says so.
#include <algorithm>
#include <cmath>
#include <set>

#include "base/quantity.h"
#include "fuzz.h"
#include "render/clock_text.h"
#include "request/columns.h"
#include "request/filter.h"
#include "request/summary.h"
#include "system/listen_address.h"
#include "tracepoint/buffer_size.h"

namespace disksnoop {
namespace {

bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_numbers(std::string_view text) {
  if (const auto count = parse_count(text)) {
    require(is_decimal(text), "a count is of digits", text);
    require(parse_count(fmt::format("{}", *count)) == count, "a count is read again", text);
    require(parse_size(text) == count, "a size without a unit is a count", text);
    require(text.size() > 15 || parse_seconds(text).value_or(-1) == static_cast<double>(*count) ||
                *count >= 3'200'000'000,
            "a count is a number of seconds", text);
  }
  if (const auto seconds = parse_seconds(text)) {
    require(*seconds >= 0 && *seconds < 3.2e9 && !std::signbit(*seconds), "seconds of a century",
            text);
    require(parse_ms(text).has_value(), "what are seconds are ms", text);
    require(parse_seconds(fmt::format("{}", *seconds)) == seconds, "seconds are read again", text);
  }
  if (const auto bytes = parse_buffer_size(text)) {
    require(*bytes > 0 && *bytes <= kLargestBufferBytes, "a buffer has a size", text);
    const std::uint64_t pages = buffer_pages(*bytes, 4096);
    require(pages * 4096 >= *bytes && (pages & (pages - 1)) == 0, "a buffer is of pages", text);
  }
  if (const auto pid = parse_pid(text)) require(*pid >= 1 && *pid <= 4'194'304, "a PID", text);
}

/// Columns that are taken are there once; an error has one line.
void check_columns(std::string_view text, const Result<Columns>& columns) {
  if (!columns) {
    require(!columns.error().message.empty(), "an error says why", text);
    return;
  }
  require(!columns->empty(), "there are columns", text);
  require(std::set<const Column*>(columns->begin(), columns->end()).size() == columns->size(),
          "each is there once", text);
}

void check_names(std::string_view text) {
  // To look for the name that is nearest to a long one takes longer than all else.
  constexpr std::size_t kLongest = 10;
  if (pieces_of(text, ',').back().size() <= kLongest) {
    check_columns(text, parse_columns(text));
    check_columns(text, parse_summary_keys(text));
  }
  if (const auto comm = parse_comm(text)) {
    require(*comm == text && !text.empty() && text.size() <= 15, "a name of the kernel's", text);
  }
  if (const auto operations = parse_operations(text)) {
    const auto commas = static_cast<std::size_t>(std::ranges::count(text, ','));
    require(operations->size() == commas + 1, "an operation for each name", text);
  }
  if (const auto operation = parse_operation(text)) {
    require(operation->letters() == text, "an operation is its letters", text);
    require(text.ends_with(without_flags(*operation).letters()) ||
                text.contains(without_flags(*operation).letters()),
            "without its flags there is no more of it", text);
  }
}

void check_address(std::string_view text) {
  const auto address = parse_listen_address(text);
  if (!address) return;
  require(address->port != 0 && !address->host.empty(), "an address has a port", text);
  const auto again = parse_listen_address(address->text());
  require(again && again->host == address->host && again->port == address->port,
          "an address is read again", text);
}

void check_clock(std::string_view text) {
  const auto moment = parse_clock(text);
  if (!moment) return;
  std::string written;
  append_clock(written, *moment);
  require(written == text, "a moment is written as it was read", text);
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  const std::string_view text = text_of(data, size);
  check_numbers(text);
  check_names(text);
  check_address(text);
  check_clock(text);
  return 0;
}
