#include "request/operation.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace disksnoop {
namespace {

constexpr std::uint32_t bit(unsigned number) { return 1U << number; }

/// A kernel that numbers them so.
OperationTable table_of(const std::map<std::string, std::uint64_t, std::less<>>& numbers) {
  return OperationTable([&numbers](std::string_view name) -> std::optional<std::uint64_t> {
    const auto found = numbers.find(name);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string letters(const OperationTable& table, std::uint32_t cmd_flags) {
  return std::string(table.operation_of(cmd_flags).letters());
}

/// Linux 6.12, include/linux/blk_types.h.
const std::map<std::string, std::uint64_t, std::less<>> kLinux612 = {
    {"REQ_OP_READ", 0},         {"REQ_OP_WRITE", 1},        {"REQ_OP_FLUSH", 2},
    {"REQ_OP_DISCARD", 3},      {"REQ_OP_SECURE_ERASE", 5}, {"REQ_OP_ZONE_APPEND", 7},
    {"REQ_OP_WRITE_ZEROES", 9}, {"REQ_OP_ZONE_OPEN", 10},   {"REQ_OP_ZONE_CLOSE", 11},
    {"REQ_OP_ZONE_FINISH", 13}, {"REQ_OP_ZONE_RESET", 15},  {"REQ_OP_ZONE_RESET_ALL", 17},
    {"REQ_OP_DRV_IN", 34},      {"REQ_OP_DRV_OUT", 35},     {"__REQ_SYNC", 11},
    {"__REQ_META", 12},         {"__REQ_FUA", 17},          {"__REQ_PREFLUSH", 18},
    {"__REQ_RAHEAD", 19},
};

TEST(Operation, EachOfTheKernelHasItsLetters) {
  const OperationTable table = table_of(kLinux612);
  const std::map<std::string, std::string> expected = {
      {"REQ_OP_READ", "R"},          {"REQ_OP_WRITE", "W"},
      {"REQ_OP_FLUSH", "F"},         {"REQ_OP_DISCARD", "D"},
      {"REQ_OP_SECURE_ERASE", "DE"}, {"REQ_OP_ZONE_APPEND", "ZA"},
      {"REQ_OP_WRITE_ZEROES", "WZ"}, {"REQ_OP_ZONE_OPEN", "ZO"},
      {"REQ_OP_ZONE_CLOSE", "ZC"},   {"REQ_OP_ZONE_FINISH", "ZF"},
      {"REQ_OP_ZONE_RESET", "ZR"},   {"REQ_OP_ZONE_RESET_ALL", "ZRA"},
      {"REQ_OP_DRV_IN", "N"},        {"REQ_OP_DRV_OUT", "N"},
  };
  for (const auto& [name, text] : expected) {
    EXPECT_EQ(letters(table, static_cast<std::uint32_t>(kLinux612.at(name))), text) << name;
  }
  EXPECT_EQ(letters(table, 200), "N") << "a number that nobody has";
}

TEST(Operation, FlagsFollowInTheOrderOfBlktrace) {
  const OperationTable table = table_of(kLinux612);
  EXPECT_EQ(letters(table, 0 | bit(19)), "RA");
  EXPECT_EQ(letters(table, 1 | bit(11)), "WS");
  EXPECT_EQ(letters(table, 1 | bit(12) | bit(11)), "WSM");
  EXPECT_EQ(letters(table, 1 | bit(18)), "FW");
  EXPECT_EQ(letters(table, 1 | bit(18) | bit(17) | bit(11) | bit(12)), "FWFSM");
  EXPECT_EQ(letters(table, 2 | bit(18)), "FF");
  EXPECT_EQ(letters(table, 17 | bit(18) | bit(17) | bit(19) | bit(11) | bit(12)), "FZRAFASM")
      << "the longest";
  EXPECT_EQ(letters(table, 1 | bit(14) | bit(20) | bit(31)), "W") << "of others nothing is said";
}

TEST(Operation, WithoutTypesOfTheKernelItIsWhatAllKernelsHave) {
  const OperationTable table;
  EXPECT_EQ(letters(table, 0), "R");
  EXPECT_EQ(letters(table, 1 | bit(11)), "WS");
  EXPECT_EQ(letters(table, 2), "F");
  EXPECT_EQ(letters(table, 3), "D");
  EXPECT_EQ(letters(table, 5), "DE");
  EXPECT_EQ(letters(table, 9), "WZ");
  EXPECT_EQ(letters(table, 1 | bit(18) | bit(17) | bit(12)), "FWFM");
  EXPECT_EQ(letters(table, 15), "N") << "ZR or something else, by the kernel";
}

TEST(Operation, OtherNumbersAreTheKernels) {
  const OperationTable table =
      table_of({{"REQ_OP_READ", 4}, {"REQ_OP_WRITE", 8}, {"__REQ_SYNC", 9}});
  EXPECT_EQ(letters(table, 4), "R");
  EXPECT_EQ(letters(table, 8 | bit(9)), "WS");
  EXPECT_EQ(letters(table, 1), "N") << "it has no other";
}

TEST(Operation, WriteSameIsAWrite) {  // before 5.18
  EXPECT_EQ(letters(table_of({{"REQ_OP_READ", 0}, {"REQ_OP_WRITE_SAME", 7}}), 7), "W");
}

TEST(Operation, LettersAreReadAgain) {
  const OperationTable table = table_of(kLinux612);
  for (std::uint32_t operation = 0; operation < 40; ++operation) {
    for (std::uint32_t flags = 0; flags < 32; ++flags) {
      const std::uint32_t cmd_flags = operation | (flags & 1) << 11 | (flags >> 1 & 1) << 12 |
                                      (flags >> 2 & 1) << 17 | (flags >> 3 & 1) << 18 |
                                      (flags >> 4 & 1) << 19;
      const Operation expected = table.operation_of(cmd_flags);
      ASSERT_EQ(parse_operation(expected.letters()), expected) << expected.letters();
    }
  }
}

/// cmd_flags of Linux 6.12 with each operation and all sets of the flags that have letters.
std::vector<std::uint32_t> all_cmd_flags() {
  std::vector<std::uint32_t> all;
  for (std::uint32_t operation = 0; operation < 40; ++operation) {
    for (std::uint32_t flags = 0; flags < 64; ++flags) {
      all.push_back(operation | (flags & 1) << 11 | (flags >> 1 & 1) << 12 |
                    (flags >> 2 & 1) << 17 | (flags >> 3 & 1) << 18 | (flags >> 4 & 1) << 19 |
                    (flags >> 5 & 1) << 25);
    }
  }
  return all;
}

TEST(Operation, WithoutItsFlagsItIsWhatTheTableGivesWithoutThem) {
  auto numbers = kLinux612;
  numbers["__REQ_ATOMIC"] = 25;
  const OperationTable table = table_of(numbers);
  const auto read_ahead = bit(19);
  const auto zone_reset = static_cast<std::uint32_t>(numbers.at("REQ_OP_ZONE_RESET"));
  for (const std::uint32_t cmd_flags : all_cmd_flags()) {
    const Operation operation = table.operation_of(cmd_flags);
    const std::uint32_t number = cmd_flags & 0xff;
    // Nobody resets a zone ahead of reading: its letters would be those of resetting all.
    if (number == zone_reset && (cmd_flags & read_ahead) != 0) continue;
    ASSERT_EQ(without_flags(operation), table.operation_of(number)) << operation.letters();
    ASSERT_EQ(class_of(without_flags(operation)), class_of(operation)) << operation.letters();
  }
}

TEST(OperationClass, IsFoundByItsName) {
  for (const auto operation :
       {OperationClass::kRead, OperationClass::kWrite, OperationClass::kDiscard,
        OperationClass::kFlush, OperationClass::kOther}) {
    EXPECT_EQ(find_operation_class(name_of(operation)), operation) << name_of(operation);
  }
  EXPECT_EQ(name_of(OperationClass::kDiscard), "discard");
}

TEST(Operation, OtherLettersAreNone) {
  for (const std::string_view text :
       {"", "X", "w", "SW", "WSS", "WMS", "WSFWSFWSF", "FFF F", "R ", "ZX", "FX"}) {
    EXPECT_EQ(parse_operation(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace disksnoop
