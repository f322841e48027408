#include "tracepoint/program_filter.h"

#include <gtest/gtest.h>

#include <vector>

namespace disksnoop {
namespace {

using enum OperationClass;

std::uint64_t bits(const std::vector<OperationClass>& classes, const OperationTable& table = {}) {
  return operation_bits(classes, table);
}

TEST(OperationBits, AreThoseOfTheKernelsNumbers) {
  EXPECT_EQ(bits({kRead}), 1U << 0U);
  EXPECT_EQ(bits({kWrite}), 1U << 1U | 1U << 9U);
  EXPECT_EQ(bits({kFlush}), 1U << 2U);
  EXPECT_EQ(bits({kDiscard}), 1U << 3U | 1U << 5U);
  EXPECT_EQ(bits({kRead, kWrite, kFlush, kDiscard, kOther}), ~std::uint64_t{0});
  EXPECT_EQ(bits({}), 0U);
}

TEST(OperationBits, FollowAKernelThatNumbersOtherwise) {
  const OperationTable table([](std::string_view name) -> std::optional<std::uint64_t> {
    if (name == "REQ_OP_READ") return 7;
    if (name == "REQ_OP_ZONE_APPEND") return 12;
    return std::nullopt;
  });
  EXPECT_EQ(bits({kRead}, table), 1U << 7U);
  EXPECT_EQ(bits({kWrite}, table), 1U << 12U);
}

}  // namespace
}  // namespace disksnoop
