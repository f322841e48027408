#include "system/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace disksnoop {
namespace {

/// Runs `check` in a process in which 0 to 4 are open and nothing else, with
/// these limits.
void with_limits(rlim_t soft, rlim_t hard, const std::function<bool()>& check) {
  const pid_t process = ::fork();
  ASSERT_GE(process, 0);
  if (process == 0) {
    ::closefrom(3);
    if (::dup(2) != 3 || ::dup(2) != 4) ::_exit(2);
    const rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(3);
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_EQ(status, 0);
}

rlim_t soft_limit() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

TEST(RequireDescriptors, EnoughIsLeftAsItIs) {
  with_limits(15, 100, [] { return require_descriptors(10) && soft_limit() == 15; });
}

TEST(RequireDescriptors, TheSoftLimitIsRaised) {
  with_limits(14, 15, [] { return require_descriptors(10) && soft_limit() == 15; });
}

TEST(RequireDescriptors, TheHardLimitIsTold) {
  with_limits(8, 14, [] {
    const auto enough = require_descriptors(10);
    return !enough &&
           enough.error().message ==
               "only 14 files may be open at once, and 15 are needed: raise that with ulimit -n 15 "
               "(a container: --ulimit nofile=15)";
  });
}

TEST(RequireDescriptors, WhatIsFreeBelowIsCounted) {
  with_limits(15, 15, [] {
    ::close(0);
    return require_descriptors(11).has_value() && !require_descriptors(12);
  });
}

}  // namespace
}  // namespace disksnoop
