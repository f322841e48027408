#include "tracepoint/slots.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

std::uint64_t slots_for(std::uint64_t in_flight, std::size_t entry_size = sizeof(start_t)) {
  return std::uint64_t{SLOTS_EACH} << bucket_bits(in_flight, entry_size);
}

TEST(Slots, AreAtLeastFourForEachThatCanBeInFlight) {
  for (const std::uint64_t in_flight : {257U, 1000U, 1023U, 1024U, 3200U, 16'000U, 100'000U}) {
    EXPECT_GE(slots_for(in_flight), 4 * in_flight) << in_flight;
    EXPECT_LE(slots_for(in_flight), 8 * in_flight) << in_flight;
  }
}

TEST(Slots, HaveABound) {
  EXPECT_EQ(slots_for(0), 1024U);
  EXPECT_EQ(slots_for(2), 1024U);
  EXPECT_EQ(slots_for(262'144), 1U << 20U);
  EXPECT_EQ(slots_for(~std::uint64_t{0}), 1U << 20U);
}

TEST(Slots, TakeNoMoreMemoryForLargeEntries) {
  for (const std::size_t entry_size : {24U, 32U, 64U, 136U, 200U}) {
    const std::size_t bytes =
        slots_for(~std::uint64_t{0}, entry_size) / SLOTS_EACH * Slots::bucket_size(entry_size);
    EXPECT_LE(bytes, 64U << 20U) << entry_size;
    EXPECT_GT(2 * bytes, 32U << 20U) << entry_size;
    EXPECT_EQ(slots_for(1000, entry_size), 4096U) << entry_size;
  }
}

TEST(RequestsWithRoom, AreAllThatThereCanBeUpToABound) {
  EXPECT_EQ(requests_with_room(0), 32'768U) << "disks may come later";
  EXPECT_EQ(requests_with_room(100'001), 100'001U);
  EXPECT_EQ(requests_with_room(262'145), 262'144U);
  EXPECT_EQ(requests_with_room(~std::uint64_t{0}), 262'144U);
}

}  // namespace
}  // namespace disksnoop
