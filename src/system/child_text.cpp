#include "system/child_text.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "system/blocked_signals.h"
#include "system/pipe.h"
#include "system/write_whole.h"

namespace disksnoop {
namespace {

/// What the child writes: which of the two it is, the text or the message, and that this was all.
constexpr char kText = 't';
constexpr char kMessage = 'm';
constexpr char kEnd = '\0';

/// It takes the time that is left of what the process may have.
void limit_cpu(unsigned cpu_s) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_CPU, &limit) != 0) return;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, cpu_s);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_CPU, &limit);
}

/// The child, in which all signals stay blocked.
[[noreturn]] void answer(const std::function<Result<std::string>()>& make, unsigned cpu_s, int fd) {
  close_all_but(fd, fd);
  ::prctl(PR_SET_DUMPABLE, 0);  // what it dies of is told; nobody needs a core
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(fault, SIG_DFL);
  limit_cpu(cpu_s);
  const auto text = make();
  // If the parent is gone, nobody asks any more.
  static_cast<void>(
      write_whole(fd, (text ? kText + *text : kMessage + text.error().message) + kEnd));
  ::_exit(0);
}

/// How the child ended that did not say all.
std::string end_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return "it is gone";
  }
  if (WIFSIGNALED(status)) return ::strsignal(WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

Result<std::string> text_of_child(const std::function<Result<std::string>()>& make,
                                  unsigned cpu_s) {
  auto pipe = make_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  pid_t child = -1;
  {
    const BlockedSignals signals_blocked;
    child = ::fork();
    if (child == 0) answer(make, cpu_s, pipe->write_end.get());
  }
  if (child < 0) return fail(fmt::format("cannot start a process: {}", std::strerror(errno)));
  pipe->write_end = UniqueFd();
  std::string text = read_to_end(pipe->read_end.get());
  const std::string end = end_of(child);
  const bool is_text = text.starts_with(kText);
  if (text.size() < 2 || text.back() != kEnd) return fail(fmt::format("its process died: {}", end));
  text.pop_back();
  text.erase(0, 1);
  if (!is_text) return fail(std::move(text));
  return text;
}

}  // namespace disksnoop
