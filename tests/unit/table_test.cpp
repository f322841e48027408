#include "render/table.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace disksnoop {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string row(const IoEvent& event, Format format = Format::kTable) {
  std::string out;
  append_row(out, event, format);
  return out;
}

/// The time column of a row, with the blanks that fill it up.
std::string time_column(double elapsed_s) {
  const std::string text = row({.elapsed_s = elapsed_s, .bytes = "512"});
  return text.substr(0, text.find(" R "));
}

TEST(Table, Header) { EXPECT_EQ(table_header(), "TIME(s)            T  BYTES    LAT(ms)\n"); }

TEST(Table, RowsOfTheOriginal) {
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

TEST(Table, MOnlyForAReadOfExactlyZero) {
  EXPECT_EQ(row({.bytes = "0"})[19], 'M');
  EXPECT_EQ(row({.bytes = "0", .write = true})[19], 'W');
  for (const std::string bytes : {"00", "-0", "+0", "0x0", "1"}) {
    EXPECT_EQ(row({.bytes = bytes})[19], 'R') << bytes;
  }
}

TEST(Table, BytesArePaddedByCodePoints) {
  EXPECT_EQ(row({.bytes = "\u00e9"}), "0.000000000        R      \u00e9       0.00\n");
  EXPECT_EQ(row({.bytes = "\u4e2d\u6587"}), "0.000000000        R     \u4e2d\u6587       0.00\n");
  EXPECT_EQ(row({.bytes = "123456789"}), "0.000000000        R  123456789       0.00\n");
}

TEST(Table, NegativeLatencies) {
  EXPECT_EQ(row({.bytes = "1", .latency_ms = -2147483.648}),
            "0.000000000        R      1 -2147483.65\n");
  EXPECT_EQ(row({.bytes = "1", .latency_ms = -0.004}), "0.000000000        R      1      -0.00\n");
}

TEST(Table, TimesOfEveryKind) {
  EXPECT_EQ(time_column(-0.25), "-0.250000000      ");
  EXPECT_EQ(time_column(1e9 + 0.1), "1000000000.100000024");
  EXPECT_EQ(time_column(kInfinity), "inf               ");
  EXPECT_EQ(time_column(-kInfinity), "-inf              ");
  EXPECT_EQ(time_column(kNan), "nan               ");
  EXPECT_EQ(time_column(-kNan), "nan               ");
  EXPECT_EQ(time_column(1e300).size(), 311U);
}

TEST(Table, BccRowsHaveAbsoluteTimeAndTheirOwnWidths) {
  const IoEvent event{
      .time_s = 78.860577, .elapsed_s = 3, .bytes = "4096", .write = true, .latency_ms = 8.256};
  EXPECT_EQ(row(event, Format::kBcc), "78.860577000       W  4096        8.26\n");
  EXPECT_EQ(
      row({.time_s = 1e9 + 0.1, .bytes = "123456789", .latency_ms = -1234567.8}, Format::kBcc),
      "1000000000.100000024 R  123456789 -1234567.80\n");
}

TEST(Table, BccNeverSaysM) {
  EXPECT_EQ(row({.time_s = 1, .bytes = "0"}, Format::kBcc),
            "1.000000000        R  0           0.00\n");
}

TEST(Table, BccPadsByBytes) {
  EXPECT_EQ(row({.time_s = 1, .bytes = "\u00e9"}, Format::kBcc),
            "1.000000000        R  \u00e9          0.00\n");
  EXPECT_EQ(row({.time_s = 1, .bytes = "\xff\xfe"}, Format::kBcc),
            "1.000000000        R  \xff\xfe          0.00\n");
}

TEST(Table, BccTimesWithoutASign) {
  EXPECT_EQ(row({.time_s = -kNan, .bytes = "1"}, Format::kBcc),
            "nan                R  1           0.00\n");
}

TEST(Table, RowsAreAdded) {
  std::string out = "before\n";
  append_row(out, {.bytes = "1"}, Format::kTable);
  append_row(out, {.bytes = "2"}, Format::kTable);
  EXPECT_EQ(out,
            "before\n0.000000000        R      1       0.00\n0.000000000        R      2       "
            "0.00\n");
}

}  // namespace
}  // namespace disksnoop
