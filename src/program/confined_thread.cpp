#include "program/confined_thread.h"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>

#include <algorithm>
#include <cstring>

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
};

void confine_this_thread(const Confinement& to) {
  const bool reads_any = std::ranges::find(to.readable, "/") != to.readable.end();
  static_cast<void>(keep_rights_of_compiling(reads_any));
  static_cast<void>(restrict_files(to.readable, {}));
  static_cast<void>(restrict_syscalls({.compiles = true}, Threads::kThis));
}

void* run(void* argument) {
  const Task& task = *static_cast<const Task*>(argument);
  if (task.confinement) confine_this_thread(*task.confinement);
  task.work();
  return nullptr;
}

std::unexpected<Error> no_thread(int error) {
  return fail(fmt::format("cannot start a thread: {}", std::strerror(error)));
}

}  // namespace

Result<void> run_in_thread(const std::optional<Confinement>& confinement,
                           const std::function<void()>& work) {
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
  ::pthread_join(thread, nullptr);
  return {};
}

}  // namespace disksnoop
