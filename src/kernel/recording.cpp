#include "kernel/recording.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "core/trace_lines.h"

namespace disksnoop {
namespace {

constexpr std::size_t kBytesADrain = 256 * 1024;

/// The kernel's word for a page that the file does not have any more.
void end_as_file_was_cut(int) {
  constexpr std::string_view kMessage =
      "disksnoop: error: the recording was cut while it was read\n";
  static_cast<void>(::write(STDERR_FILENO, kMessage.data(), kMessage.size()));
  ::_exit(1);
}

}  // namespace

std::unique_ptr<Recording> Recording::map(UniqueFd& fd, Dialect dialect) {
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
    return nullptr;
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (start == MAP_FAILED) return nullptr;
  ::madvise(start, size, MADV_SEQUENTIAL);
  std::signal(SIGBUS, end_as_file_was_cut);
  return std::unique_ptr<Recording>(
      new Recording(std::move(fd), {static_cast<const char*>(start), size}, dialect));
}

Recording::Recording(UniqueFd fd, std::string_view text, Dialect dialect)
    : fd_(std::move(fd)), text_(text), reader_(dialect) {}

Recording::~Recording() { ::munmap(const_cast<char*>(text_.data()), text_.size()); }

Result<EventSource::Drained> Recording::drain(const EventSink& sink) {
  const std::size_t begin = taken_;
  while (taken_ - begin < kBytesADrain) {
    const std::string_view left = text_.substr(taken_);
    std::string_view line = first_line(left);
    if (line.empty()) line = left;  // the last one needs no newline
    if (line.empty()) return Drained{State::kEnded};
    taken_ += line.size();
    const auto event = reader_.read(line);
    if (event && !sink(*event)) return Drained{State::kEnded};
  }
  forget(begin, taken_);
  return Drained{State::kOpen};
}

/// Gives back the pages that lie in bytes [begin, end) of the file, but for the
/// last of them: a large recording need not fill the memory.
void Recording::forget(std::size_t begin, std::size_t end) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  begin -= begin % page;
  end -= end % page;
  ::madvise(const_cast<char*>(text_.data()) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace disksnoop
