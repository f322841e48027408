#include "system/progress_line.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>

#include "system/interruptible_write.h"

namespace disksnoop {
namespace {

constexpr std::string_view kErase = "\r\x1b[K";

std::atomic<int> shown_on = -1;  // where the line stands; -1: there is none

/// Of a terminal, at this moment: a job may be sent to the background at any time.
bool belongs_to_this_job(int fd) {
  const pid_t group = ::tcgetpgrp(fd);
  return group < 0 || group == ::getpgrp();  // -1: it is not the one that controls this process
}

bool can_erase(int fd) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(fd) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

}  // namespace

ProgressLine::ProgressLine(int fd) : fd_(can_erase(fd) ? fd : -1) {}

ProgressLine::~ProgressLine() { erase_progress_line(); }

void ProgressLine::show(std::string_view text) {
  if (fd_ < 0 || !belongs_to_this_job(fd_)) return;
  const std::string line = std::string(kErase).append(text);
  shown_on = fd_;
  if (write_within(fd_, line, std::chrono::milliseconds(0)) < line.size()) fd_ = -1;
}

void erase_progress_line() {
  const int fd = shown_on.exchange(-1);
  // In another job's place stands what that wrote, as the prompt of a shell.
  if (fd < 0 || !belongs_to_this_job(fd)) return;
  pollfd room = {fd, POLLOUT, 0};
  if (::poll(&room, 1, 0) != 1) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, kErase.data(), kErase.size());
}

}  // namespace disksnoop
