#include "system/clock_changes.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace disksnoop {
namespace {

/// That they come is what the guests' checks clock and changes show.
TEST(ClockChanges, WhereNobodySetsTheClockNoneCome) {
  const auto changes = ClockChanges::watch();
  ASSERT_TRUE(changes) << changes.error().message;
  pollfd readable = {.fd = changes->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&readable, 1, 50), 0);
  EXPECT_FALSE(changes->have_come());
}

}  // namespace
}  // namespace disksnoop
