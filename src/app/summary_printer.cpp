#include "app/summary_printer.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "render/heat_map_svg.h"
#include "system/privileges.h"
#include "system/signals.h"

namespace disksnoop {
namespace {

using std::chrono::nanoseconds;

/// A column of the picture cannot be narrower.
constexpr nanoseconds kForPictures = std::chrono::milliseconds(250);
/// So that what no longer comes gives up its line soon.
constexpr nanoseconds kLongest = std::chrono::seconds(1);
constexpr std::uint64_t kFirstWidthNs = 1'000'000;  ///< of a column, of a recording

nanoseconds interval_of(const SummaryOptions& options) {
  return nanoseconds(std::llround(*options.interval_s * 1e9));
}

std::uint64_t first_width_ns(const Options& options) {
  if (options.replay) return kFirstWidthNs;
  return static_cast<std::uint64_t>(readings_for(options.summary).every.count());
}

std::optional<WallTime> moved(const std::optional<WallTime>& moment, std::int64_t ns) {
  if (!moment) return std::nullopt;
  return WallTime{moment->unix_us + ns / 1000, moment->offset_s};
}

/// 292 years at most: a recording can have any numbers.
std::int64_t between(std::int64_t from_ns, std::int64_t to_ns) {
  using Limits = std::numeric_limits<std::int64_t>;
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(to_ns, from_ns, &difference)) return difference;
  return to_ns < from_ns ? Limits::min() : Limits::max();
}

}  // namespace

Readings readings_for(const SummaryOptions& options) {
  const nanoseconds longest = options.heat_map ? kForPictures : kLongest;
  if (!options.interval_s) return {longest, 0};
  const nanoseconds interval = interval_of(options);
  const auto each = (interval + longest - nanoseconds(1)) / longest;
  return {interval / each, static_cast<std::uint64_t>(each)};
}

Result<std::unique_ptr<SummaryPrinter>> SummaryPrinter::open(const Options& options, int source) {
  std::optional<AtomicFile> picture;
  if (options.summary.heat_map) {
    if (writes_what_its_caller_may_not()) {
      return fail("--heatmap does not go with rights over files that the caller does not have");
    }
    auto file = AtomicFile::open(*options.summary.heat_map, {source, STDOUT_FILENO, STDERR_FILENO});
    if (!file) return std::unexpected(file.error());
    picture = std::move(*file);
  }
  return std::unique_ptr<SummaryPrinter>(new SummaryPrinter(options, std::move(picture)));
}

SummaryPrinter::SummaryPrinter(const Options& options, std::optional<AtomicFile> picture)
    : options_(options.summary),
      format_(options.format),
      most_tables_(options.count),
      picture_(std::move(picture)),
      printer_(Output(STDOUT_FILENO), "", std::nullopt, "lines of the summary"),
      keys_(options.summary.keys.value_or(usual_summary_keys())),
      readings_each_(readings_for(options.summary).each_interval) {
  if (picture_) heat_map_.emplace(first_width_ns(options));
}

void SummaryPrinter::begin(Columns keys, bool tells_errors) {
  keys_ = std::move(keys);
  tells_errors_ = tells_errors;
}

bool SummaryPrinter::move_to(const Request& request) {
  const std::int64_t at = *request.completed_ns;
  if (!first_ns_) {
    first_ns_ = at;
    begin_clock_ = request.clock;
  }
  const std::int64_t passed = between(*first_ns_, at);
  // One that comes late takes nothing of the time that was told already.
  if (passed < interval_begin_ns_ + static_cast<std::int64_t>(interval_.span_ns)) return true;
  if (options_.interval_s) {
    const std::int64_t interval = interval_of(options_).count();
    if (passed - interval_begin_ns_ >= interval) {
      interval_.span_ns = static_cast<std::uint64_t>(interval);
      interval_.time_ns = *first_ns_ + (interval_begin_ns_ + interval);
      interval_.clock = moved(begin_clock_, interval_begin_ns_ + interval);
      interval_begin_ns_ = passed / interval * interval;
      if (!end_interval()) return false;
    }
  }
  interval_.span_ns = static_cast<std::uint64_t>(passed - interval_begin_ns_);
  interval_.time_ns = at;
  interval_.clock = request.clock;
  return true;
}

bool SummaryPrinter::add(const Request& request) {
  if (!filter.takes(request)) return true;
  if (request.completed_ns && !move_to(request)) return false;
  ++requests_;
  const SummaryKey key = summary_key(request, keys_);
  SummaryLine line;
  line.add(request, tells_errors_);
  interval_.summary.add(key, line);
  if (!heat_map_) return true;
  total_.add(key, line);
  if (request.completed_ns) heat_map_->add(*request.completed_ns, key, line.latency);
  return true;
}

bool SummaryPrinter::add(const SummaryReport& reading, std::uint64_t readings) {
  const std::int64_t end = *reading.time_ns;
  const auto span = static_cast<std::int64_t>(reading.span_ns);
  interval_.summary.merge(reading.summary);
  interval_.span_ns += reading.span_ns;
  interval_.clock = reading.clock;
  interval_.time_ns = end;
  if (!begin_clock_) begin_clock_ = moved(reading.clock, -span);
  requests_ += requests_of(reading.summary);
  if (heat_map_) {
    total_.merge(reading.summary);
    heat_map_->cover(end - span);
    for (const auto& [key, line] : reading.summary.lines()) {
      heat_map_->add(end - span / 2, key, line.latency);
    }
    heat_map_->add_other(end - span / 2, reading.summary.other().latency);
    heat_map_->cover(end);
  }
  readings_ += readings;
  return readings_each_ == 0 || readings_ < readings_each_ || end_interval();
}

bool SummaryPrinter::end_interval() {
  print(interval_);
  interval_ = {};
  if (readings_each_ != 0) readings_ %= readings_each_;
  is_over_ = ++tables_ == most_tables_;
  return !is_over_;
}

void SummaryPrinter::print(const SummaryReport& report) {
  std::string text;
  format_->summary(text, report, {keys_, options_.top, options_.distributions, tables_ != 0},
                   printer_.output().width());
  printer_.add_lines(text);
}

void SummaryPrinter::finish() {
  if (std::exchange(is_over_, true)) return;
  const bool has_more = readings_ != 0 || !interval_.summary.empty();
  if (has_more || tables_ == 0) print(interval_);
}

Result<void> SummaryPrinter::write_picture() const {
  if (!picture_) return {};
  set_status_of_end_at_once(1);  // until it is there
  auto written =
      picture_->write(heat_map_svg(*heat_map_, total_, keys_, options_.top, begin_clock_));
  if (written) set_status_of_end_at_once(0);
  return written;
}

}  // namespace disksnoop
