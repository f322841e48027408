#include "base/quantity.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

TEST(Quantity, CountIsDecimalWhateverItBeginsWith) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("8"), 8U);
  EXPECT_EQ(parse_count("010"), 10U);
  EXPECT_EQ(parse_count("08"), 8U);
  EXPECT_EQ(parse_count("0000000000000000000000009"), 9U);
  EXPECT_EQ(parse_count("18446744073709551615"), 18446744073709551615U);
}

TEST(Quantity, NothingElseIsACount) {
  for (const auto* text : {"", " ", " 5", "5 ", "+5", "-5", "-0", "0x10", "1e3", "1.0", "5s",
                           "1_000", "18446744073709551616", "\xd9\xa3"}) {
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
  }
}

TEST(Quantity, Seconds) {
  EXPECT_EQ(parse_seconds("0"), 0.0);
  EXPECT_EQ(parse_seconds("5"), 5.0);
  EXPECT_EQ(parse_seconds("010"), 10.0);
  EXPECT_EQ(parse_seconds("08"), 8.0);
  EXPECT_EQ(parse_seconds("0.25"), 0.25);
  EXPECT_EQ(parse_seconds(".5"), 0.5);
  EXPECT_EQ(parse_seconds("5."), 5.0);
  EXPECT_EQ(parse_seconds("1e3"), 1000.0);
  EXPECT_EQ(parse_seconds("1e9"), 1e9);
}

TEST(Quantity, NothingElseIsANumberOfSeconds) {
  for (const auto* text :
       {"",      " ",   ".",    " 5",  "5 ",       "+5",   "-1",    "-0", "-.5", "0x5",
        "0x1p3", "nan", "-nan", "inf", "infinity", "1e10", "1e400", "5s", "1,5", "1e"}) {
    EXPECT_EQ(parse_seconds(text), std::nullopt) << text;
  }
}

TEST(Quantity, Size) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("010"), 10U);
  EXPECT_EQ(parse_size("64K"), 65536U);
  EXPECT_EQ(parse_size("064k"), 65536U);
  EXPECT_EQ(parse_size("8m"), 8U << 20);
  EXPECT_EQ(parse_size("3G"), 3ULL << 30);
  EXPECT_EQ(parse_size("17179869183G"), 17179869183ULL << 30);
}

TEST(Quantity, NothingElseIsASize) {
  for (const auto* text : {"", "K", "k64", "64KK", "64 K", " 64K", "64K ", "+64K", "-64K", "0x40K",
                           "1.5M", "1T", "64KB", "17179869184G", "18446744073709551616"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(ParseMs, GivesNanoseconds) {
  EXPECT_EQ(parse_ms("0"), 0U);
  EXPECT_EQ(parse_ms("0.05"), 50'000U);
  EXPECT_EQ(parse_ms("100"), 100'000'000U);
  EXPECT_EQ(parse_ms("1e3"), 1'000'000'000U);
  for (const char* text : {"", "-1", "1ms", "nan"}) EXPECT_EQ(parse_ms(text), std::nullopt);
}

}  // namespace
}  // namespace disksnoop
