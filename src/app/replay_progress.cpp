#include "app/replay_progress.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace disksnoop {
namespace {

/// Not a file or /dev/null.
bool may_be_seen(int fd) {
  struct stat file = {};
  if (::fstat(fd, &file) != 0) return false;
  return S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode) || ::isatty(fd) == 1;
}

}  // namespace

std::string progress_text(off_t position, off_t size, std::uint64_t rows) {
  if (size <= 0) return fmt::format("disksnoop: {} rows", rows);
  // A recording may grow while it is read.
  const double part = std::min(1.0, static_cast<double>(position) / static_cast<double>(size));
  return fmt::format("disksnoop: {} %", static_cast<int>(part * 100));
}

bool can_show_progress(const Options& options, bool stdout_may_be_seen) {
  return !stdout_may_be_seen || (options.summary.asked && !options.summary.interval_s);
}

ReplayProgress::ReplayProgress(const Options& options, int fd)
    : line_(can_show_progress(options, may_be_seen(STDOUT_FILENO)) ? STDERR_FILENO : -1) {
  struct stat file = {};
  if (::fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return;
  fd_ = UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (fd_) size_ = file.st_size;
}

void ReplayProgress::show(std::uint64_t rows) {
  line_.show(progress_text(fd_ ? ::lseek(fd_.get(), 0, SEEK_CUR) : 0, size_, rows));
}

}  // namespace disksnoop
