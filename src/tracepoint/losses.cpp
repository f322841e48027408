#include "tracepoint/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace disksnoop {
namespace {

/// What goes after the requests that were handed over.
std::string describe_causes(const Losses& losses) {
  std::string line;
  for (const auto& [count, what] : {
           std::pair{losses.in_map, "lost in the map"},
           std::pair{losses.before_start, "issued before the start"},
           std::pair{losses.issue_unknown, "that may have been issued before the start"},
           std::pair{losses.failed_unissued, "that failed before the driver got them"},
           std::pair{losses.issue_not_shown, "whose issue the kernel did not show"},
           std::pair{losses.completion_not_shown, "whose completion the kernel did not show"},
       }) {
    if (count != 0) line += fmt::format(", {} {}", count, what);
  }
  for (const auto& [count, what] : {
           std::pair{losses.names, "names lost in the buffer"},
           std::pair{losses.submitters,
                     "requests may be missing, whose process gave place to others"},
           std::pair{losses.without_slot, "requests found no slot and were kept in the hash"},
           std::pair{losses.without_line, "counted as other, with no room for a line"},
           std::pair{losses.filtered, "filtered"},
           std::pair{losses.skipped_runs, "times the kernel skipped a hook"},
       }) {
    if (count != 0) line += fmt::format("; {} {}", count, what);
  }
  return line;
}

}  // namespace

Losses losses_after_stop(const Losses& at_stop, const Losses& now) {
  Losses losses = at_stop;
  losses.in_buffer = now.in_buffer;
  losses.in_map = now.in_map;
  losses.names = now.names;
  losses.without_slot = now.without_slot;
  losses.submitters = now.submitters;
  losses.filtered = now.filtered;
  losses.without_line = now.without_line;
  losses.completion_not_shown = now.completion_not_shown;
  return losses;
}

std::string describe_losses(std::uint64_t rows, const Losses& losses) {
  return fmt::format("{} rows, {} lost in the buffer{}", rows, losses.in_buffer,
                     describe_causes(losses));
}

std::string describe_summary_losses(std::uint64_t requests, const Losses& losses) {
  return fmt::format("{} requests{}", requests, describe_causes(losses));
}

std::vector<std::string> describe_hanging(const std::vector<InFlight>& requests) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::size_t kMost = 20;
  const auto young = std::find_if(requests.begin(), requests.end(), [](const InFlight& request) {
    return request.age_ns <= kSecond;
  });
  const auto old = static_cast<std::size_t>(young - requests.begin());
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(old, kMost); ++i) {
    const InFlight& request = requests[i];
    const std::string_view type = (request.cmd_flags & 1) != 0 ? "W"
                                  : request.bytes == 0         ? "M"
                                                               : "R";
    lines.push_back(fmt::format("not completed: {} of {} bytes, issued {:.1f} s ago{}", type,
                                request.bytes, static_cast<double>(request.age_ns) / 1e9,
                                request.confirmed ? "" : ", or its completion was not shown"));
  }
  if (old > kMost) lines.push_back(fmt::format("not completed: {} more", old - kMost));
  return lines;
}

}  // namespace disksnoop
