#include "render/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "render/table_text.h"

namespace disksnoop {
namespace {

constexpr std::size_t kMostLines = 20;
constexpr std::size_t kShortestBar = 8;
constexpr std::size_t kLongestBar = 100;  // longer ones tell nothing more
constexpr std::string_view kMargin = "    ";

/// In three digits, of the unit that suits it.
std::string time_text(std::uint64_t ns) {
  if (ns < 1000) return fmt::format("{} ns", ns);
  auto value = static_cast<double>(ns) / 1000;
  std::string_view unit = "µs";
  for (const std::string_view next : {"ms", "s"}) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  if (value >= 999.5) {
    value /= 60;
    unit = "min";
  }
  return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

/// Which buckets are a line together: each doubling has so many lines, about as long as
/// each other where lengths are told by ratios, as they are from one doubling to the next.
/// So a bar is not longer because its line has more room.
class Lines {
 public:
  /// As many as it takes few lines to show; but at least one for each doubling.
  explicit Lines(const Histogram::Counts& counts) {
    const auto count = [&] {
      return line_of(counts.back().first) - line_of(counts.front().first) + 1;
    };
    while (count() > kMostLines && each_ > 1) each_ /= 2;
  }

  std::size_t line_of(std::size_t bucket) const {
    std::size_t line = (bucket / Histogram::kBucketsEach + 1) * each_ - 1;
    while (first_bucket(line) > bucket) --line;
    return line;
  }
  std::size_t first_bucket(std::size_t line) const {
    return line / each_ * Histogram::kBucketsEach +
           kBegins.at(line % each_ * (kBegins.size() / each_));
  }

 private:
  /// 32 * (2^(i/8) - 1).
  static constexpr std::array<std::size_t, 8> kBegins = {0, 3, 6, 9, 13, 17, 22, 27};
  static_assert(Histogram::kBucketsEach == 32);

  std::size_t each_ = kBegins.size();
};

/// A line, without its bar.
struct Range {
  std::string text;
  std::uint64_t times = 0;
};

std::vector<Range> ranges_of(const Histogram::Counts& counts) {
  const Lines lines(counts);
  const std::size_t first = lines.line_of(counts.front().first);
  const std::size_t last = lines.line_of(counts.back().first);
  const auto begin_of = [&lines](std::size_t line) {
    return time_text(Histogram::lower_limit_ns(lines.first_bucket(line)));
  };
  std::vector<Range> ranges(last - first + 1);
  std::size_t widest = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    ranges[i].text = begin_of(first + i);
    widest = std::max(widest, count_code_points(ranges[i].text));
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    std::string& text = ranges[i].text;
    fill_up(text, 0, widest, Align::kRight, false);
    const bool has_end = lines.first_bucket(first + i) + 1 < Histogram::kBuckets;
    text += has_end ? " - " + begin_of(first + i + 1) : " or more";
  }
  for (const auto& [bucket, times] : counts) ranges[lines.line_of(bucket) - first].times += times;
  return ranges;
}

/// Its share of the longest bar; what is there is seen.
std::size_t bar_length(std::uint64_t times, std::uint64_t most, std::size_t longest) {
  if (times == 0) return 0;
  const double share = static_cast<double>(times) / static_cast<double>(most);
  const auto length = static_cast<std::size_t>(std::lround(share * static_cast<double>(longest)));
  return std::clamp<std::size_t>(length, 1, longest);
}

}  // namespace

void append_distribution(std::string& out, const Histogram& times, std::size_t width) {
  if (times.empty()) return;
  const std::vector<Range> ranges = ranges_of(times.counts());
  const std::uint64_t most = std::ranges::max(ranges, {}, &Range::times).times;
  const std::size_t digits = fmt::formatted_size("{}", most);
  std::size_t widest = 0;
  for (const Range& range : ranges) widest = std::max(widest, count_code_points(range.text));
  // Two blanks before the number; a blank and two lines around the bar.
  const std::size_t beside = kMargin.size() + widest + 2 + digits + 3;
  const std::size_t longest =
      std::clamp(width > beside ? width - beside : 0, kShortestBar, kLongestBar);
  for (const Range& range : ranges) {
    out += kMargin;
    const std::size_t begin = out.size();
    out += range.text;
    fill_up(out, begin, widest, Align::kLeft, false);
    out += fmt::format("  {:>{}} |{:*<{}}", range.times, digits, "",
                       bar_length(range.times, most, longest));
    out.append(longest - bar_length(range.times, most, longest), ' ');
    out += "|\n";
  }
}

}  // namespace disksnoop
