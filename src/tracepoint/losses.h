// What the tracepoint engine tells beside its rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace disksnoop {

/// Requests that are no row, by cause.
struct Losses {
  std::uint64_t in_buffer = 0;             ///< completed, but the buffer was full
  std::uint64_t in_map = 0;                ///< issued, but there was no room to keep it
  std::uint64_t before_start = 0;          ///< completed, but issued before the start
  std::uint64_t issue_unknown = 0;         ///< completed, and either this or the next
  std::uint64_t issue_not_shown = 0;       ///< completed, and allocated after the start
  std::uint64_t failed_unissued = 0;       ///< failed before the driver got them
  std::uint64_t completion_not_shown = 0;  ///< gone from its place without a completion
  /// Names of files and cgroups that found no room in the buffer: rows may have `-`.
  std::uint64_t names = 0;
  /// Issued, and kept in the hash as no slot was free: no loss.
  std::uint64_t without_slot = 0;
  /// Of processes that were asked for, which gave place to others before the issue.
  std::uint64_t submitters = 0;
  /// Issued or completed, and not asked for: no loss.
  std::uint64_t filtered = 0;
  /// Counted in a summary, but with no room for a line of their own: no loss.
  std::uint64_t without_line = 0;
  /// How often the kernel did not run a hook: a reason for what was not shown,
  /// and no loss beside it.
  std::uint64_t skipped_runs = 0;
};

/// `now`, without the completions that had no issue because the hook of the issue
/// was gone: those without one are as they were when it went.
Losses losses_after_stop(const Losses& at_stop, const Losses& now);

/// "7 rows, 0 lost in the buffer", and every other cause that is there.
std::string describe_losses(std::uint64_t rows, const Losses& losses);

/// Of a summary: "7 requests", and every cause that is there.
std::string describe_summary_losses(std::uint64_t requests, const Losses& losses);

/// A request that was issued and has not completed.
struct InFlight {
  std::uint64_t age_ns = 0;
  std::uint32_t bytes = 0;
  std::uint32_t cmd_flags = 0;
  std::string disk = {};  ///< empty: not known
  /// The kernel's own struct says so too; else all that is known is that no
  /// completion was seen.
  bool confirmed = false;
};

/// A line for each request that is older than a second, which is what a disk that
/// hangs looks like: `requests` are sorted, the oldest first. After 20 lines the
/// number of the others.
std::vector<std::string> describe_hanging(const std::vector<InFlight>& requests);

}  // namespace disksnoop
