#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {
namespace {

using namespace std::string_view_literals;
using Words = std::array<std::string_view, 3>;

TEST(StripRight, TakesAsciiWhiteSpaceOnly) {
  EXPECT_EQ(strip_right("a b \t\n\r\v\f"), "a b");
  EXPECT_EQ(strip_right(" a"), " a");
  EXPECT_EQ(strip_right(""), "");
  EXPECT_EQ(strip_right(" \n"), "");
  for (const auto tail : {"\0"sv, "\x1c"sv, "\x1f"sv, "\x85"sv, "\xa0"sv}) {
    std::string text = "a";
    text += tail;
    EXPECT_EQ(strip_right(text), text);
  }
}

TEST(SplitBytes, ExactlySoManyWords) {
  Words words;
  EXPECT_TRUE(split_bytes("0 80700 8256", words));
  EXPECT_EQ(words, (Words{"0", "80700", "8256"}));
  EXPECT_TRUE(split_bytes("\t a\v\fb \r\n c ", words));
  EXPECT_EQ(words, (Words{"a", "b", "c"}));
  EXPECT_FALSE(split_bytes("a b", words));
  EXPECT_FALSE(split_bytes("a b c d", words));
  EXPECT_FALSE(split_bytes("", words));
}

TEST(SplitBytes, OtherBytesAreNoWhiteSpace) {
  Words words;
  EXPECT_TRUE(split_bytes("a\x1c\x1f b\x85 c\xc2\xa0", words));
  EXPECT_EQ(words, (Words{"a\x1c\x1f", "b\x85", "c\xc2\xa0"}));
  EXPECT_TRUE(split_bytes("\0 \xff\xfe \x80"sv, words));
  EXPECT_EQ(words, (Words{"\0"sv, "\xff\xfe", "\x80"}));
}

TEST(SplitUtf8, AsciiWithTheSeparatorsOfUnicode) {
  Words words;
  EXPECT_TRUE(split_utf8("0 80700\t8256", words));
  EXPECT_EQ(words, (Words{"0", "80700", "8256"}));
  EXPECT_TRUE(split_utf8("a\x1c\x1d\x1e\x1f"
                         "b c",
                         words));
  EXPECT_EQ(words, (Words{"a", "b", "c"}));
  EXPECT_FALSE(split_utf8("a b", words));
  EXPECT_FALSE(split_utf8("a b c d", words));
}

TEST(SplitUtf8, EveryUnicodeWhiteSpaceSeparates) {
  const std::vector<std::string> spaces = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001",
                                           "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                           "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                           "\u2029", "\u202f", "\u205f", "\u3000"};
  for (const std::string& space : spaces) {
    Words words;
    const std::string text = space + "a" + space + space + "b" + space + "c" + space;
    EXPECT_TRUE(split_utf8(text, words)) << text;
    EXPECT_EQ(words, (Words{"a", "b", "c"}));
  }
}

TEST(SplitUtf8, LookalikesSeparateNothing) {
  for (const std::string other : {"\u200b", "\u180e", "\ufeff", "\u2060", "\u00b7", "\u200c"}) {
    const std::string text = "a" + other + "b c d";
    Words words;
    EXPECT_TRUE(split_utf8(text, words));
    EXPECT_EQ(words[0], "a" + other + "b");
  }
  Words words;
  EXPECT_TRUE(split_utf8("a\0b c d"sv, words));
  EXPECT_EQ(words[0], "a\0b"sv);
}

TEST(SplitUtf8, KeepsWordsOfAnyLengthOfCodePoint) {
  Words words;
  EXPECT_TRUE(split_utf8("\u00e9 \u20ac \U0001f600", words));
  EXPECT_EQ(words, (Words{"\u00e9", "\u20ac", "\U0001f600"}));
  EXPECT_TRUE(split_utf8("\xf4\x8f\xbf\xbf \ufffe \x7f", words)) << "up to U+10FFFF";
}

TEST(SplitUtf8, RefusesWhatIsNotUtf8) {
  for (const std::string bad : {"\x80",
                                "\xbf",
                                "\xc3",
                                "\xe2\x82",
                                "\xf0\x9f\x98",
                                "\xc0\xaf",
                                "\xc1\xbf",
                                "\xe0\x80\xaf",
                                "\xe0\x9f\xbf",
                                "\xf0\x80\x80\xaf",
                                "\xf0\x8f\xbf\xbf",
                                "\xed\xa0\x80",
                                "\xed\xbf\xbf",
                                "\xf4\x90\x80\x80",
                                "\xf5\x80\x80\x80",
                                "\xf8\x88\x80\x80\x80",
                                "\xfe",
                                "\xff",
                                "\xc3(",
                                "\xe2\x28\xa1",
                                "\xe2\x82("}) {
    Words words;
    EXPECT_FALSE(split_utf8("a b c" + bad, words)) << "at the end";
    EXPECT_FALSE(split_utf8(bad + "a b c", words)) << "at the beginning";
  }
}

TEST(CountCodePoints, CountsAsPythonDoes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("4096"), 4U);
  EXPECT_EQ(count_code_points("\u00e9\u20ac\U0001f600"), 3U);
  EXPECT_EQ(count_code_points("e\u0301"), 2U) << "a combining mark counts";
  EXPECT_EQ(count_code_points("\u4e2d"), 1U) << "a wide character counts once";
}

}  // namespace
}  // namespace disksnoop
