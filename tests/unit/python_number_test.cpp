#include "original/python_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace disksnoop {
namespace {

using namespace std::string_view_literals;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(PythonFloat, PlainNumbers) {
  EXPECT_EQ(python_float("0"), 0.0);
  EXPECT_EQ(python_float("78.860577"), 78.860577);
  EXPECT_EQ(python_float("5."), 5.0);
  EXPECT_EQ(python_float(".5"), 0.5);
  EXPECT_EQ(python_float("007.50"), 7.5);
  EXPECT_EQ(python_float("1e3"), 1000.0);
  EXPECT_EQ(python_float("1E+3"), 1000.0);
  EXPECT_EQ(python_float("25e-1"), 2.5);
  EXPECT_EQ(python_float("5.e1"), 50.0);
  EXPECT_EQ(python_float(".5e1"), 5.0);
}

TEST(PythonFloat, Signs) {
  EXPECT_EQ(python_float("+1.5"), 1.5);
  EXPECT_EQ(python_float("-1.5"), -1.5);
  const auto zero = python_float("-0.0");
  ASSERT_TRUE(zero);
  EXPECT_TRUE(std::signbit(*zero));
  for (const auto text : {"+-1", "--1", "++1", "-+1", "+", "-"}) {
    EXPECT_FALSE(python_float(text)) << text;
  }
}

TEST(PythonFloat, InfinityAndNanInAnyCase) {
  for (const auto text : {"inf", "INF", "Infinity", "iNfInItY", "+inf"}) {
    EXPECT_EQ(python_float(text), kInfinity) << text;
  }
  EXPECT_EQ(python_float("-inf"), -kInfinity);
  for (const auto text : {"nan", "NaN", "+NAN", "-nan"}) {
    const auto value = python_float(text);
    ASSERT_TRUE(value) << text;
    EXPECT_TRUE(std::isnan(*value)) << text;
  }
  for (const auto text : {"infi", "infinit", "infinityy", "nan(1)", "nanq", "in f", "i_nf"}) {
    EXPECT_FALSE(python_float(text)) << text;
  }
}

TEST(PythonFloat, OutOfRangeIsInfinityOrZero) {
  EXPECT_EQ(python_float("1e999"), kInfinity);
  EXPECT_EQ(python_float("-1e999"), -kInfinity);
  EXPECT_EQ(python_float("1e-999"), 0.0);
  EXPECT_EQ(python_float("5e-324"), std::numeric_limits<double>::denorm_min());
}

TEST(PythonFloat, RoundsToNearestEven) {
  EXPECT_EQ(python_float("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(python_float("9007199254740993.0000000000000000000000000000001"), 9007199254740994.0);
  EXPECT_EQ(python_float("1.7976931348623158e308"), std::numeric_limits<double>::max());
}

TEST(PythonFloat, UnderscoresOnlyBetweenDigits) {
  EXPECT_EQ(python_float("1_0.5"), 10.5);
  EXPECT_EQ(python_float("1_000_000"), 1e6);
  EXPECT_EQ(python_float("1e1_0"), 1e10);
  EXPECT_EQ(python_float("0.1_5"), 0.15);
  for (const auto text : {"1_.5", "1._5", "_1", "1_", "1__0", "1_e5", "1e_5", "-_1", "_"}) {
    EXPECT_FALSE(python_float(text)) << text;
  }
}

TEST(PythonFloat, Refuses) {
  for (const auto text : {""sv, "."sv, "5e"sv, "e5"sv, "5e+"sv, "0x10"sv, "0x1p3"sv, "1,5"sv,
                          "1.2.3"sv, " 1"sv, "1 "sv, "1\0"sv, "1:"sv, "1f"sv, "1d0"sv}) {
    EXPECT_FALSE(python_float(text)) << text;
  }
}

TEST(PythonInt, IsInt) {
  for (const auto text : {"0", "000", "123", "+5", "-5", "1_0", "0_0", "-1_2_3"}) {
    EXPECT_TRUE(is_python_int(text)) << text;
  }
  EXPECT_TRUE(is_python_int(std::string(2000, '9')));
  for (const auto text : {""sv, "+"sv, "-"sv, "_1"sv, "1_"sv, "1__0"sv, "+_1"sv, "1.0"sv, "0x10"sv,
                          "a"sv, "--1"sv, "1 "sv, " 1"sv, "1\0"sv, "1e3"sv}) {
    EXPECT_FALSE(is_python_int(text)) << text;
  }
}

TEST(PythonInt, AsADouble) {
  EXPECT_EQ(python_int("8256"), 8256.0);
  EXPECT_EQ(python_int("-8256"), -8256.0);
  EXPECT_EQ(python_int("+0012"), 12.0);
  EXPECT_EQ(python_int("1_000"), 1000.0);
  EXPECT_EQ(python_int("-2147483648"), -2147483648.0);
  EXPECT_EQ(python_int("18446744073709551615"), 18446744073709551616.0);
  EXPECT_FALSE(python_int("0x10"));
  EXPECT_FALSE(python_int("1.0"));
  EXPECT_FALSE(python_int("inf"));
  EXPECT_FALSE(python_int(""));
}

TEST(PythonInt, HasNoNegativeZero) {
  const auto zero = python_int("-0");
  ASSERT_TRUE(zero);
  EXPECT_FALSE(std::signbit(*zero));
}

TEST(PythonInt, IsRoundedFromTheWholeInteger) {
  EXPECT_EQ(python_int("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(python_int("9007199254740995"), 9007199254740996.0);
  EXPECT_EQ(python_int("9007199254740993" + std::string(30, '0')), 9007199254740993e30);
}

// 2**1024 - 2**970: the smallest integer that float() refuses.
constexpr std::string_view kTooLarge =
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977"
    "587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845"
    "817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559"
    "699508093042880177904174497792";

TEST(PythonInt, BeyondTheLargestDoubleIsAnOverflow) {
  EXPECT_FALSE(python_int(kTooLarge));
  EXPECT_FALSE(python_int("-" + std::string(kTooLarge)));
  std::string largest(kTooLarge);
  largest.back() = '1';  // one less
  EXPECT_EQ(python_int(largest), std::numeric_limits<double>::max());
}

TEST(PythonHex, TheLastDigitDecides) {
  EXPECT_EQ(python_hex_is_odd("80700"), false);
  EXPECT_EQ(python_hex_is_odd("8801"), true);
  EXPECT_EQ(python_hex_is_odd("dead"), true);
  EXPECT_EQ(python_hex_is_odd("BEEF"), true);
  EXPECT_EQ(python_hex_is_odd("a"), false);
  EXPECT_EQ(python_hex_is_odd("B"), true);
  EXPECT_EQ(python_hex_is_odd(std::string(500, 'f')), true);
  EXPECT_EQ(python_hex_is_odd("0b1"), true);  // b is a digit, not a prefix
}

TEST(PythonHex, SignsAndPrefixes) {
  EXPECT_EQ(python_hex_is_odd("-1"), true);  // two's complement
  EXPECT_EQ(python_hex_is_odd("+2"), false);
  EXPECT_EQ(python_hex_is_odd("0x1f"), true);
  EXPECT_EQ(python_hex_is_odd("0X1E"), false);
  EXPECT_EQ(python_hex_is_odd("-0x3"), true);
  EXPECT_EQ(python_hex_is_odd("0x_1f"), true);
  EXPECT_EQ(python_hex_is_odd("1_1"), true);
}

TEST(PythonHex, Refuses) {
  for (const auto text :
       {""sv, "+"sv, "0x"sv, "0x_"sv, "_1"sv, "1_"sv, "1__0"sv, "0_x1"sv, "0x__1"sv, "0x0x1"sv,
        "x1"sv, "g"sv, "1 "sv, "1\0"sv, "--1"sv, "1.0"sv, "0x-1"sv}) {
    EXPECT_FALSE(python_hex_is_odd(text)) << text;
  }
}

}  // namespace
}  // namespace disksnoop
