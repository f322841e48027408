#include "system/kernel_clock.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace disksnoop {
namespace {

TEST(KernelClock, IsOursOutsideOfTimeNamespaces) {
  const auto before = std::chrono::steady_clock::now().time_since_epoch();
  const auto now = kernel_now_ns();
  const auto after = std::chrono::steady_clock::now().time_since_epoch();
  if (!now) GTEST_SKIP() << "this is a time namespace";
  EXPECT_LE(before, std::chrono::nanoseconds(*now));
  EXPECT_GE(after, std::chrono::nanoseconds(*now));
}

TEST(KernelClock, IsNotKnownInATimeNamespace) {
  constexpr int kKnown = 1;
  constexpr int kNotHere = 77;
  const pid_t process = ::fork();
  if (process == 0) {
    if (::unshare(CLONE_NEWTIME) != 0) ::_exit(kNotHere);
    const bool set =
        static_cast<bool>(std::ofstream("/proc/self/timens_offsets") << "monotonic 0 500\n"
                                                                     << std::flush);
    const pid_t inside = set ? ::fork() : -1;
    if (inside == 0) ::_exit(kernel_now_ns() ? kKnown : 0);
    int status = 0;
    if (inside < 0 || ::waitpid(inside, &status, 0) != inside) ::_exit(kNotHere);
    ::_exit(WEXITSTATUS(status));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  if (WEXITSTATUS(status) == kNotHere) GTEST_SKIP() << "no time namespace can be had here";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace disksnoop
