#include "base/escape.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

TEST(Escape, LeavesTextAlone) {
  for (const std::string text :
       {"", "cat", "/dev/sda", "a\\b", "größe", "日本", "\xf0\x9f\x92\xbe"}) {
    EXPECT_EQ(escaped(text), text);
    EXPECT_EQ(escaped_lines(text), text);
  }
}

TEST(Escape, ControlCharacters) {
  EXPECT_EQ(escaped("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(escaped("a\nb\tc\rd\be\x7f"), "a\\x0ab\\x09c\\x0dd\\x08e\\x7f");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(escaped("\x1f "), "\\x1f ");
}

TEST(Escape, ControlCharactersOfC1) {
  EXPECT_EQ(escaped("\xc2\x80\xc2\x9b\xc2\x9f"), "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f");
  EXPECT_EQ(escaped("\xc2\xa0"), "\xc2\xa0");
  EXPECT_EQ(escaped("\x9b"
                    "2J"),
            "\\x9b2J")
      << "C1 as a byte";
}

TEST(Escape, WhatIsNotUtf8) {
  EXPECT_EQ(escaped("\xff\xc3(\xe2\x82"), "\\xff\\xc3(\\xe2\\x82");
  EXPECT_EQ(escaped("\xc0\x9b"), "\\xc0\\x9b") << "an overlong form";
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
}

TEST(Escape, WhatReordersALine) {
  EXPECT_EQ(escaped("a\xe2\x80\xae"
                    "b"),
            "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(escaped("\xe2\x80\xa8\xe2\x81\xa9"), "\\xe2\\x80\\xa8\\xe2\\x81\\xa9");
}

TEST(Escape, LinesStayLines) {
  EXPECT_EQ(escaped_lines("x.c:1:\n\terror\x1b[0m\r\n"), "x.c:1:\n\terror\\x1b[0m\\x0d\n");
}

}  // namespace
}  // namespace disksnoop
