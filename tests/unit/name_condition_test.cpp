#include "tracepoint/name_condition.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

namespace disksnoop {
namespace {

using Parts = std::vector<DiskPart>;

// The numbers below are of such a machine.
static_assert(std::endian::native == std::endian::little);

TEST(DiskCondition, ComparesTheNameAndItsEnd) {
  EXPECT_EQ(disk_condition(Parts{{"sda", {}}}), "((name[0] & 0xffffffffULL) == 0x616473ULL)");
  EXPECT_EQ(disk_condition(Parts{{"loop123", {}}}),
            "((name[0] & 0xffffffffffffffffULL) == 0x333231706f6f6cULL)");
}

TEST(DiskCondition, OfALongNameComparesEveryWordThatItReaches) {
  EXPECT_EQ(disk_condition(Parts{{"nvme10n1", {}}}),
            "((name[0] & 0xffffffffffffffffULL) == 0x316e3031656d766eULL && "
            "(name[1] & 0xffULL) == 0x0ULL)");
  const std::string longest = disk_condition(Parts{{std::string(31, 'x'), {}}});
  EXPECT_NE(longest.find("(name[3] & 0xffffffffffffffffULL) == 0x78787878787878ULL)"),
            std::string::npos)
      << longest;
  EXPECT_EQ(longest.find("name[4]"), std::string::npos);
}

TEST(DiskCondition, OfSeveralIsAnyOfThem) {
  EXPECT_EQ(disk_condition(Parts{{"a", {}}, {"b", {}}}),
            "((name[0] & 0xffffULL) == 0x61ULL) || ((name[0] & 0xffffULL) == 0x62ULL)");
}

TEST(DiskCondition, OfAPartitionAsksForItsNumberToo) {
  EXPECT_EQ(disk_condition(Parts{{"a", 3}, {"b", {}}}),
            "((name[0] & 0xffffULL) == 0x61ULL && partition == 3) || "
            "((name[0] & 0xffffULL) == 0x62ULL)");
}

TEST(CommCondition, ComparesTheNameAndItsEnd) {
  EXPECT_EQ(comm_condition({}), "");
  EXPECT_EQ(comm_condition(std::vector<std::string>{"dd", "a b"}),
            "((name[0] & 0xffffffULL) == 0x6464ULL) || ((name[0] & 0xffffffffULL) == 0x622061ULL)");
}

}  // namespace
}  // namespace disksnoop
