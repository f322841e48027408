#include "render/original_row.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace disksnoop {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string row(const OriginalRow& made_of, Dialect dialect = Dialect::kSeed) {
  std::string out;
  append_original_row(out, made_of, dialect);
  return out;
}

/// The time column of a row, with the blanks that fill it up.
std::string time_column(double elapsed_s) {
  const std::string text = row({.elapsed_s = elapsed_s, .bytes = "512"});
  return text.substr(0, text.find(" R "));
}

TEST(OriginalRow, Header) {
  EXPECT_EQ(original_header(), "TIME(s)            T  BYTES    LAT(ms)\n");
}

TEST(OriginalRow, RowsOfTheOriginal) {
  EXPECT_EQ(row({.time_s = 78.860577, .elapsed_s = 0, .bytes = "0", .latency_ms = 8.256}),
            "0.000000000        M      0       8.26\n");
  EXPECT_EQ(row({.time_s = 79.7,
                 .elapsed_s = 79.701746 - 78.860577,
                 .bytes = "16384",
                 .latency_ms = 2.367}),
            "0.841169000        R  16384       2.37\n");
  EXPECT_EQ(row({.elapsed_s = 12.5, .bytes = "4096", .write = true, .latency_ms = 1234567.891}),
            "12.500000000       W   4096 1234567.89\n");
}

TEST(OriginalRow, MOnlyForAReadOfExactlyZero) {
  EXPECT_EQ(row({.bytes = "0"})[19], 'M');
  EXPECT_EQ(row({.bytes = "0", .write = true})[19], 'W');
  for (const std::string bytes : {"00", "-0", "+0", "0x0", "1"}) {
    EXPECT_EQ(row({.bytes = bytes})[19], 'R') << bytes;
  }
}

TEST(OriginalRow, BytesArePaddedByCodePoints) {
  EXPECT_EQ(row({.bytes = "\u00e9"}), "0.000000000        R      \u00e9       0.00\n");
  EXPECT_EQ(row({.bytes = "\u4e2d\u6587"}), "0.000000000        R     \u4e2d\u6587       0.00\n");
  EXPECT_EQ(row({.bytes = "123456789"}), "0.000000000        R  123456789       0.00\n");
}

TEST(OriginalRow, NegativeLatencies) {
  EXPECT_EQ(row({.bytes = "1", .latency_ms = -2147483.648}),
            "0.000000000        R      1 -2147483.65\n");
  EXPECT_EQ(row({.bytes = "1", .latency_ms = -0.004}), "0.000000000        R      1      -0.00\n");
}

TEST(OriginalRow, TimesOfEveryKind) {
  EXPECT_EQ(time_column(-0.25), "-0.250000000      ");
  EXPECT_EQ(time_column(1e9 + 0.1), "1000000000.100000024");
  EXPECT_EQ(time_column(kInfinity), "inf               ");
  EXPECT_EQ(time_column(-kInfinity), "-inf              ");
  EXPECT_EQ(time_column(kNan), "nan               ");
  EXPECT_EQ(time_column(-kNan), "nan               ");
  EXPECT_EQ(time_column(1e300).size(), 311U);
}

TEST(OriginalRow, BccRowsHaveAbsoluteTimeAndTheirOwnWidths) {
  const OriginalRow event{
      .time_s = 78.860577, .elapsed_s = 3, .bytes = "4096", .write = true, .latency_ms = 8.256};
  EXPECT_EQ(row(event, Dialect::kBcc), "78.860577000       W  4096        8.26\n");
  EXPECT_EQ(
      row({.time_s = 1e9 + 0.1, .bytes = "123456789", .latency_ms = -1234567.8}, Dialect::kBcc),
      "1000000000.100000024 R  123456789 -1234567.80\n");
}

TEST(OriginalRow, BccNeverSaysM) {
  EXPECT_EQ(row({.time_s = 1, .bytes = "0"}, Dialect::kBcc),
            "1.000000000        R  0           0.00\n");
}

TEST(OriginalRow, BccPadsByBytes) {
  EXPECT_EQ(row({.time_s = 1, .bytes = "\u00e9"}, Dialect::kBcc),
            "1.000000000        R  \u00e9          0.00\n");
  EXPECT_EQ(row({.time_s = 1, .bytes = "\xff\xfe"}, Dialect::kBcc),
            "1.000000000        R  \xff\xfe          0.00\n");
}

TEST(OriginalRow, BccTimesWithoutASign) {
  EXPECT_EQ(row({.time_s = -kNan, .bytes = "1"}, Dialect::kBcc),
            "nan                R  1           0.00\n");
}

TEST(OriginalRow, RowsAreAdded) {
  std::string out = "before\n";
  append_original_row(out, {.bytes = "1"}, Dialect::kSeed);
  append_original_row(out, {.bytes = "2"}, Dialect::kSeed);
  EXPECT_EQ(out,
            "before\n0.000000000        R      1       0.00\n0.000000000        R      2       "
            "0.00\n");
}

}  // namespace
}  // namespace disksnoop
