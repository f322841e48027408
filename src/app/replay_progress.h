// How far the reading of a recording is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "app/options.h"
#include "system/progress_line.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// "disksnoop: 42 %" of a file; of a pipe, whose `size` is 0, "disksnoop: 1234 rows".
std::string progress_text(off_t position, off_t size, std::uint64_t rows);

/// Whether the line and what is printed would not disturb each other: on one terminal they do, and
/// who reads a pipe may show it there too (less, grep); but for a summary, of which nothing is
/// printed before the end.
bool can_show_progress(const Options& options, bool stdout_may_be_seen);

/// The line on stderr, of a recording that is read from `fd`, wherever that is read.
class ReplayProgress {
 public:
  ReplayProgress(const Options& options, int fd);

  /// `rows`: that were read.
  void show(std::uint64_t rows);

 private:
  ProgressLine line_;
  UniqueFd fd_;  ///< shares its position with the one that is read
  off_t size_ = 0;
};

}  // namespace disksnoop
