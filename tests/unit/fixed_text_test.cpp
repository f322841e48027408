#include "base/fixed_text.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

namespace disksnoop {
namespace {

/// glibc's printf rounds exactly, to nearest even.
std::string printed(double value, int decimals) {
  std::array<char, 400> text = {};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

void expect_as_printf(double value) {
  EXPECT_EQ(FixedText<9>(value).view(), printed(value, 9));
  EXPECT_EQ(FixedText<2>(value).view(), printed(value, 2));
}

TEST(FixedText, Small) {
  EXPECT_EQ(FixedText<2>(0).view(), "0.00");
  EXPECT_EQ(FixedText<2>(-0.0).view(), "-0.00");
  EXPECT_EQ(FixedText<2>(9.999).view(), "10.00");
  EXPECT_EQ(FixedText<9>(78.860577).view(), "78.860577000");
  EXPECT_EQ(FixedText<9>(-1e-10).view(), "-0.000000000");
}

TEST(FixedText, HalvesGoToTheEvenDigit) {
  EXPECT_EQ(FixedText<2>(0.125).view(), "0.12");
  EXPECT_EQ(FixedText<2>(0.375).view(), "0.38");
  EXPECT_EQ(FixedText<2>(-2.625).view(), "-2.62");
  for (int i = 0; i < 10000; ++i) expect_as_printf(i / 8.0);
  for (int i = 0; i < 10000; ++i) expect_as_printf(i / 1024.0);
}

TEST(FixedText, WhereOneWayOfWritingEndsAndTheOtherBegins) {
  for (const double value :
       {0x1p51, 0x1p52, 0x1p53, 0x1p63, 0x1p64, 18446744073.709551615, 184467440737095516.15,
        0x1p-30, 0x1p-31, 0x1p-32, 0x1p-33, 0x1p-1022, std::numeric_limits<double>::denorm_min(),
        std::numeric_limits<double>::max()}) {
    for (const double near : {std::nextafter(value, 0), value, std::nextafter(value, 1e308)}) {
      expect_as_printf(near);
      expect_as_printf(-near);
    }
  }
  EXPECT_EQ(FixedText<2>(std::numeric_limits<double>::infinity()).view(), "inf");
  EXPECT_EQ(FixedText<9>(-std::numeric_limits<double>::infinity()).view(), "-inf");
  EXPECT_EQ(FixedText<9>(std::numeric_limits<double>::quiet_NaN()).view(), "nan");
}

TEST(FixedText, AnyDouble) {
  std::mt19937_64 random(20240607);  // the same ones each time
  for (int i = 0; i < 100000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isnan(value)) expect_as_printf(value);
    expect_as_printf(std::ldexp(static_cast<double>(random() >> 11), -static_cast<int>(i % 100)));
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace disksnoop
