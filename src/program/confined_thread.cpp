#include "program/confined_thread.h"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>

#include <cstring>
#include <utility>

#include "system/blocked_signals.h"
#include "system/landlock.h"
#include "system/rights.h"
#include "system/syscall_filter.h"

namespace disksnoop {
namespace {

/// As much as the main thread has: clang goes deep.
constexpr std::size_t kStackBytes = 8 * 1024 * 1024;

struct Task {
  const std::optional<Confinement>& confinement;
  const std::function<void()>& work;
  std::vector<std::string> refused = {};
};

std::vector<std::string> confine_this_thread(const Confinement& to) {
  using Paths = std::vector<std::filesystem::path>;
  std::vector<std::string> refused;
  const auto note = [&refused](const auto& result) {
    if (!result) refused.push_back(result.error().message);
  };
  note(keep_rights_of_compiling());
  note(restrict_files(to.reads_any_file ? Paths{"/"} : to.readable, {}));
  note(restrict_syscalls({.compiles = true}, Threads::kThis));
  return refused;
}

void* run(void* argument) {
  Task& task = *static_cast<Task*>(argument);
  if (task.confinement) task.refused = confine_this_thread(*task.confinement);
  task.work();
  return nullptr;
}

std::unexpected<Error> no_thread(int error) {
  return fail(fmt::format("cannot start a thread: {}", std::strerror(error)));
}

/// A moment of CLOCK_MONOTONIC.
timespec moment_in(std::chrono::milliseconds time) {
  const auto moment = std::chrono::steady_clock::now().time_since_epoch() + time;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
  return {seconds.count(), std::chrono::nanoseconds(moment - seconds).count()};
}

void join(pthread_t thread, const std::function<void()>& still_working) {
  if (still_working) {
    const timespec until = moment_in(kLong);
    if (::pthread_clockjoin_np(thread, nullptr, CLOCK_MONOTONIC, &until) == 0) return;
    still_working();
  }
  ::pthread_join(thread, nullptr);
}

}  // namespace

Result<std::vector<std::string>> run_in_thread(const std::optional<Confinement>& confinement,
                                               const std::function<void()>& work,
                                               const std::function<void()>& still_working) {
  // What it takes of memory is to be given back: threads do not each have an arena.
  ::mallopt(M_ARENA_MAX, 1);
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  Task task{confinement, work};
  pthread_t thread = {};
  int error = 0;
  {
    const BlockedSignals blocked;
    error = ::pthread_create(&thread, &attributes, run, &task);
  }
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return no_thread(error);
  join(thread, still_working);
  return std::move(task.refused);
}

}  // namespace disksnoop
