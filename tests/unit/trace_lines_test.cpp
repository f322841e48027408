#include "original/trace_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {
namespace {

using namespace std::string_view_literals;
using Lines = std::vector<std::string>;

/// The lines of a stream that comes in these reads, with the rest at its end.
Lines lines_of(const std::vector<std::string>& reads) {
  TraceLines stream;
  Lines lines;
  for (const std::string& bytes : reads) {
    stream.append(bytes);
    while (const auto line = stream.next()) lines.emplace_back(*line);
  }
  if (const auto line = stream.rest()) lines.emplace_back(*line);
  return lines;
}

TEST(TraceLines, CutsAtNewlinesAndKeepsThem) {
  EXPECT_EQ(lines_of({"one\n\ntwo\n"}), (Lines{"one\n", "\n", "two\n"}));
}

TEST(TraceLines, ALineMayComeInPieces) {
  EXPECT_EQ(lines_of({"on", "e\ntw", "", "o", "\n", "three\n"}),
            (Lines{"one\n", "two\n", "three\n"}));
}

TEST(TraceLines, AnIncompleteLineWaits) {
  TraceLines stream;
  stream.append("one\ntw");
  EXPECT_EQ(stream.next(), "one\n");
  EXPECT_FALSE(stream.next());
  stream.append("o\n");
  EXPECT_EQ(stream.next(), "two\n");
  EXPECT_FALSE(stream.next());
  EXPECT_FALSE(stream.rest());
}

TEST(TraceLines, TheLastLineNeedsNoNewline) {
  EXPECT_EQ(lines_of({"one\ntwo"}), (Lines{"one\n", "two"}));
  EXPECT_EQ(lines_of({"one"}), (Lines{"one"}));
  EXPECT_EQ(lines_of({}), Lines{});
  EXPECT_EQ(lines_of({""}), Lines{});
}

TEST(TraceLines, OnlyANewlineEndsALine) {
  const std::string text("a\rb\0c\vd\fe\x85\xe2\x80\xa8\n"sv);
  EXPECT_EQ(lines_of({text + "x\n"}), (Lines{text, "x\n"}));
}

TEST(TraceLines, ALongLineComesInPiecesOf1024Bytes) {
  const std::string kilobyte(1024, 'x');
  EXPECT_EQ(lines_of({kilobyte + "tail\nnext\n"}), (Lines{kilobyte, "tail\n", "next\n"}));
  EXPECT_EQ(lines_of({kilobyte + kilobyte + "\n"}), (Lines{kilobyte, kilobyte, "\n"}));
  EXPECT_EQ(lines_of({kilobyte}), Lines{kilobyte});
}

TEST(TraceLines, ANewlineWithin1024BytesEndsTheLine) {
  const std::string longest(1023, 'x');
  EXPECT_EQ(lines_of({longest + "\nnext\n"}), (Lines{longest + "\n", "next\n"}));
  EXPECT_EQ(lines_of({longest + "x\nnext\n"}), (Lines{longest + "x", "\n", "next\n"}));
}

TEST(TraceLines, ALongLineIsCutAlikeHoweverItComes) {
  const std::string text = std::string(1500, 'a') + "\n" + std::string(2049, 'b') + "\nc";
  const Lines whole = lines_of({text});
  ASSERT_EQ(whole.size(), 6U);
  for (const std::size_t step : {1U, 7U, 1000U, 1023U, 1024U, 1025U}) {
    std::vector<std::string> reads;
    for (std::size_t at = 0; at < text.size(); at += step) reads.push_back(text.substr(at, step));
    EXPECT_EQ(lines_of(reads), whole) << step;
  }
}

}  // namespace
}  // namespace disksnoop
