#include "system/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "base/escape.h"
#include "system/interruptible_write.h"
#include "system/progress_line.h"

namespace disksnoop {
namespace {

constexpr std::chrono::milliseconds kPatience(250);

// Of all that was told so far. Whether a line could be written is not asked:
// there is nowhere left to say so, and a closed stderr must not end the run.
bool is_stalled = false;  // it did not take the last line
bool is_cut = false;      // it took a part of it

}  // namespace

void Log::write(std::string text) const {
  erase_progress_line();
  if (is_cut) text.insert(0, 1, '\n');
  const std::size_t written = write_within(
      STDERR_FILENO, text, waits_ && !is_stalled ? kPatience : std::chrono::milliseconds(0));
  is_stalled = written < text.size();
  is_cut = is_stalled && (written > 0 || is_cut);
}

Log Log::without_waiting() const {
  Log log = *this;
  log.waits_ = false;
  return log;
}

void Log::error(std::string_view text) const {
  write(fmt::format("disksnoop: error: {}\n", escaped(text)));
}

void Log::warning(std::string_view text) const {
  write(fmt::format("disksnoop: warning: {}\n", escaped(text)));
}

void Log::info(std::string_view text) const {
  write(fmt::format("disksnoop: {}\n", escaped(text)));
}

void Log::detail(std::string_view text) const {
  if (verbose_) info(text);
}

void Log::foreign_text(std::string_view text) const {
  if (!verbose_ || text.empty()) return;
  write(fmt::format("{}{}", escaped_lines(text), text.ends_with('\n') ? "" : "\n"));
}

}  // namespace disksnoop
