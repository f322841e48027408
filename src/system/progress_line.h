// A line on the terminal that says how far work is, and is gone when anything else is said.
#pragma once

#include <string_view>

namespace disksnoop {

/// The line; one for a process. Where `fd` is no terminal, or one that can erase nothing
/// (TERM=dumb), nothing is shown, nor while it belongs to another job; a terminal that does not
/// take all of it at once gets no more.
class ProgressLine {
 public:
  explicit ProgressLine(int fd);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// In place of what it showed. `text` is short, as a line that is broken is not erased whole.
  void show(std::string_view text);

 private:
  int fd_;  ///< -1: nothing is shown
};

/// Erases the line, if there is one. It calls nothing that is not safe in a handler, and waits for
/// nothing.
void erase_progress_line();

}  // namespace disksnoop
