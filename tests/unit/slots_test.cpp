#include "tracepoint/slots.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

std::uint64_t slots_for(std::uint64_t in_flight) {
  return std::uint64_t{SLOTS_EACH} << bucket_bits(in_flight);
}

TEST(Slots, AreAtLeastFourForEachThatCanBeInFlight) {
  for (const std::uint64_t in_flight : {257U, 1000U, 1023U, 1024U, 3200U, 16'000U}) {
    EXPECT_GE(slots_for(in_flight), 4 * in_flight) << in_flight;
    EXPECT_LE(slots_for(in_flight), 8 * in_flight) << in_flight;
  }
}

TEST(Slots, HaveABound) {
  EXPECT_EQ(slots_for(0), 1024U);
  EXPECT_EQ(slots_for(2), 1024U);
  EXPECT_EQ(slots_for(100'000), 65'536U);
  EXPECT_EQ(slots_for(~std::uint64_t{0}), 65'536U);
}

}  // namespace
}  // namespace disksnoop
