#include "original/trace_line.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace disksnoop {
namespace {

using namespace std::string_view_literals;

/// A line of trace_pipe with this message, up to which all is in order.
std::string line_with(std::string_view message) {
  return "          <idle>-0       [001] dNh.    78.860577: bpf_trace_printk: " +
         std::string(message) + "\n";
}

/// A line with this header (pid, cpu, flags, timestamp) and a good message.
std::string headed(std::string_view header) {
  return "0123456789abcdef-" + std::string(header) + ": bpf_trace_printk: 4096 8801 250\n";
}

LineKind kind_of(std::string_view line, Dialect dialect = Dialect::kSeed) {
  return parse_trace_line(line, dialect).kind;
}

TEST(TraceLine, ARowOfTheKernel) {
  const std::string line =
      "            bash-249     [000] d.h.    79.701746: bpf_trace_printk: 4096 8801 495\n";
  for (const Dialect dialect : {Dialect::kSeed, Dialect::kBcc}) {
    const TraceLine parsed = parse_trace_line(line, dialect);
    EXPECT_EQ(parsed.kind, LineKind::kRow);
    EXPECT_EQ(parsed.timestamp_s, 79.701746);
    EXPECT_EQ(parsed.bytes, "4096");
    EXPECT_TRUE(parsed.write);
    EXPECT_EQ(parsed.latency_ms, 0.495);
  }
}

TEST(TraceLine, FourAndFiveCharacterFlags) {
  EXPECT_EQ(kind_of(headed("249     [000] d.h.    79.701746")), LineKind::kRow);
  EXPECT_EQ(kind_of(headed("249     [000] d.h41   79.701746")), LineKind::kRow);
  EXPECT_EQ(kind_of(headed("9999999 [1023] dNH41 123456789.701746")), LineKind::kRow);
}

TEST(TraceLine, TheCommIsNeverLookedAt) {
  for (const auto comm :
       {"a b: c [000] d:e-"sv, "----------------x"sv, "\xff\xfe\0\x80: :::::\n::: x"sv,
        "                -"sv, "bpf_trace_printk:"sv}) {
    ASSERT_EQ(comm.size(), 17U);
    const std::string line =
        std::string(comm) + "5 [000] d.h. 7.5: bpf_trace_printk: 4096 8801 250\n";
    EXPECT_EQ(kind_of(line), LineKind::kRow) << comm;
  }
}

TEST(TraceLine, BlankAndShortLinesAreSkipped) {
  for (const auto line : {""sv, "\n"sv, "   \t \n"sv}) {
    EXPECT_EQ(kind_of(line), LineKind::kBlank) << line;
  }
  for (const auto line :
       {"0123456789abcdef"sv, "0123456789abcdef-"sv, "0123456789abcdef-\n"sv, "short: 1 2 3\n"sv}) {
    EXPECT_EQ(kind_of(line), LineKind::kUnread) << line;
  }
}

TEST(TraceLine, AHeaderOfOtherThanFourWordsIsSkipped) {
  EXPECT_EQ(kind_of(headed("5 [000] 7.5")), LineKind::kUnread);
  EXPECT_EQ(kind_of(headed("5 (5) [000] d.h. 7.5")), LineKind::kUnread) << "record-tgid";
  EXPECT_EQ(kind_of(headed("")), LineKind::kUnread);
  EXPECT_EQ(kind_of(headed("x y")), LineKind::kUnread) << "skipped before numbers are read";
}

TEST(TraceLine, AHeaderWithoutNumbersIsForeign) {
  EXPECT_EQ(kind_of(headed("x [000] d.h. 7.5")), LineKind::kForeign);
  EXPECT_EQ(kind_of(headed("5 [xyz] d.h. 7.5")), LineKind::kForeign);
  EXPECT_EQ(kind_of(headed("5 [] d.h. 7.5")), LineKind::kForeign);
  EXPECT_EQ(kind_of(headed("5 0 d.h. 7.5")), LineKind::kForeign);
  EXPECT_EQ(kind_of(headed("5 [000] d.h. x")), LineKind::kForeign);
  EXPECT_EQ(kind_of(headed("5.0 [000] d.h. 7.5")), LineKind::kForeign);
}

TEST(TraceLine, NumbersAreWhatPythonTakes) {
  EXPECT_EQ(kind_of(headed("+1_0 [-1] d.h. -1e3")), LineKind::kRow);
  EXPECT_EQ(kind_of(headed("5 (000) d.h. 7.5")), LineKind::kRow) << "any first and last byte";
  EXPECT_EQ(kind_of(headed("5 x0y d.h. nan")), LineKind::kRow);
}

TEST(TraceLine, WithoutAnyColonTheLastByteIsLost) {
  const TraceLine parsed = parse_trace_line("XXXXXXXXXXXXXXXXX5 [5] dead 78", Dialect::kSeed);
  EXPECT_EQ(parsed.kind, LineKind::kRow);
  EXPECT_EQ(parsed.timestamp_s, 7.0);
  EXPECT_EQ(parsed.bytes, "[5]");
  EXPECT_TRUE(parsed.write);
  EXPECT_EQ(parsed.latency_ms, 0.078);
}

TEST(TraceLine, WithoutASecondColonTheFirstByteOfTheMessageIsLost) {
  const std::string line = "0123456789abcdef-5 [000] d.h. 7.5:x4096 8801 250\n";
  EXPECT_EQ(parse_trace_line(line, Dialect::kSeed).bytes, "4096");
}

TEST(TraceLine, TheByteAfterTheSecondColonIsLost) {
  const std::string line = "0123456789abcdef-5 [000] d.h. 7.5: f:x4096 8801 250\n";
  EXPECT_EQ(parse_trace_line(line, Dialect::kSeed).bytes, "4096");
  EXPECT_EQ(kind_of("0123456789abcdef-5 [000] d.h. 7.5: f:"), LineKind::kForeign);
}

TEST(TraceLine, LaterColonsBelongToTheMessage) {
  EXPECT_EQ(parse_trace_line(line_with("a:b 8801 250"), Dialect::kSeed).bytes, "a:b");
  EXPECT_EQ(kind_of(line_with("a: b: 8801 250")), LineKind::kForeign);
}

TEST(TraceLine, AMessageOfOtherThanThreeWordsIsForeign) {
  for (const auto message : {"", "4096", "4096 8801", "4096 8801 250 x", "hello, world"}) {
    for (const Dialect dialect : {Dialect::kSeed, Dialect::kBcc}) {
      EXPECT_EQ(kind_of(line_with(message), dialect), LineKind::kForeign) << message;
    }
  }
}

TEST(TraceLine, FlagsAndLatencyMustBeNumbers) {
  for (const auto message : {"4096 xyz 250", "4096 0x 250", "4096 8801 0x10", "4096 8801 2.5",
                             "4096 8801 nan", "4096 8801 -", "4096 - 250"}) {
    EXPECT_EQ(kind_of(line_with(message)), LineKind::kForeign) << message;
  }
  EXPECT_EQ(kind_of(line_with("4096 8801 " + std::string(400, '9'))), LineKind::kForeign);
}

TEST(TraceLine, BytesAreNotChecked) {
  for (const auto bytes : {"abc"sv, "-1"sv, "00"sv, "\0"sv, "\U0001f600"sv}) {
    const std::string line = line_with(std::string(bytes) + " 8800 1");
    const TraceLine parsed = parse_trace_line(line, Dialect::kSeed);
    EXPECT_EQ(parsed.kind, LineKind::kRow);
    EXPECT_EQ(parsed.bytes, bytes);
    EXPECT_FALSE(parsed.write);
  }
}

TEST(TraceLine, NegativeAndLargeLatencies) {
  EXPECT_EQ(parse_trace_line(line_with("0 0 -2147483648"), Dialect::kSeed).latency_ms,
            -2147483.648);
  EXPECT_EQ(parse_trace_line(line_with("0 0 36893488147419103232"), Dialect::kSeed).latency_ms,
            36893488147419103232.0 / 1000);
}

TEST(TraceLine, TheDialectsDifferInWhiteSpaceAndEncoding) {
  const struct {
    std::string message;
    LineKind seed;
    LineKind bcc;
  } kCases[] = {
      {"4096\u00a08801 250", LineKind::kRow, LineKind::kForeign},
      {"4096\x1c"
       "8801 250",
       LineKind::kRow, LineKind::kForeign},
      {"4096 8801 250 \u3000", LineKind::kRow, LineKind::kForeign},
      {"\u00e9 8801 250", LineKind::kRow, LineKind::kRow},
      {"\xff 8801 250", LineKind::kForeign, LineKind::kRow},
      {"\xed\xa0\x80 8801 250", LineKind::kForeign, LineKind::kRow},
      {"\ufeff"
       "4096 8801 250",
       LineKind::kRow, LineKind::kRow},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(kind_of(line_with(one.message), Dialect::kSeed), one.seed) << one.message;
    EXPECT_EQ(kind_of(line_with(one.message), Dialect::kBcc), one.bcc) << one.message;
  }
}

TEST(TraceLine, LostEvents) {
  const TraceLine parsed = parse_trace_line("CPU:3 [LOST 1234 EVENTS]\n", Dialect::kSeed);
  EXPECT_EQ(parsed.kind, LineKind::kLost);
  EXPECT_EQ(parsed.lost_events, 1234U);
  EXPECT_EQ(parse_trace_line("CPU:3 [LOST EVENTS]\n", Dialect::kSeed).lost_events, std::nullopt);
  EXPECT_EQ(kind_of("CPU:0 [LOST EVENTS]\n"), LineKind::kLost);
  for (const auto* line :
       {"CPU:", "CPU:1 [LOST 2 E-123 [000] d... 1.0: f: 1 1 1", "CPU:1 [LOST x EVENTS]",
        "CPU:1 [LOST 5EVENTS]", "CPU: [LOST 5 EVENTS]", "CPU:x [LOST 5 EVENTS]",
        "CPU:1 [LOST 2 EV-123 [000] d... 1.0: f: [LOST 5 EVENTS]",
        "CPU:1 [LOST 18446744073709551616 EVENTS]"}) {
    EXPECT_EQ(kind_of(line), LineKind::kUnread) << line;
  }
}

TEST(TraceLine, ACommThatLooksLikeALossReportHidesItsRow) {
  const TraceLine parsed = parse_trace_line(
      "CPU:xxxxxxxxxxxx-5 [000] d.h. 7.5: bpf_trace_printk: 1 1 1\n", Dialect::kSeed);
  EXPECT_EQ(parsed.kind, LineKind::kUnread);
}

TEST(TraceReader, TimeRunsFromTheFirstRow) {
  TraceReader reader(Dialect::kSeed);
  const std::string first = headed("1 [0] .... 100.5");
  const std::string second = headed("1 [0] .... 100.25");
  EXPECT_EQ(reader.read(first)->elapsed_s, 0.0);
  const auto event = reader.read(second);
  EXPECT_EQ(event->elapsed_s, -0.25);
  EXPECT_EQ(event->time_s, 100.25);
  EXPECT_EQ(event->bytes, "4096");
  EXPECT_TRUE(event->write);
  EXPECT_EQ(event->latency_ms, 0.25);
}

TEST(TraceReader, AForeignLineDoesNotSetTheStart) {
  TraceReader reader(Dialect::kSeed);
  EXPECT_FALSE(reader.read("0123456789abcdef-1 [0] .... 50.0: f: only two\n"));
  EXPECT_FALSE(reader.read("\n"));
  EXPECT_FALSE(reader.read("CPU:1 [LOST 5 EVENTS]\n"));
  EXPECT_EQ(reader.read(headed("1 [0] .... 100.5"))->elapsed_s, 0.0);
}

TEST(TraceReader, AStartOfZeroIsSetAgain) {
  TraceReader reader(Dialect::kSeed);
  EXPECT_EQ(reader.read(headed("1 [0] .... 0.0"))->elapsed_s, 0.0);
  EXPECT_EQ(reader.read(headed("1 [0] .... -0.0"))->elapsed_s, 0.0);
  EXPECT_EQ(reader.read(headed("1 [0] .... 5.0"))->elapsed_s, 0.0);
  EXPECT_EQ(reader.read(headed("1 [0] .... 6.0"))->elapsed_s, 1.0);
}

TEST(TraceReader, AStartThatIsNotANumberStays) {
  TraceReader reader(Dialect::kSeed);
  EXPECT_TRUE(std::isnan(reader.read(headed("1 [0] .... nan"))->elapsed_s));
  EXPECT_TRUE(std::isnan(reader.read(headed("1 [0] .... 5.0"))->elapsed_s));
}

TEST(TraceReader, AnInfiniteStart) {
  TraceReader reader(Dialect::kSeed);
  EXPECT_TRUE(std::isnan(reader.read(headed("1 [0] .... inf"))->elapsed_s));
  EXPECT_EQ(reader.read(headed("1 [0] .... 5.0"))->elapsed_s,
            -std::numeric_limits<double>::infinity());
}

TEST(TraceReader, CountsWhatIsNoRow) {
  TraceReader reader(Dialect::kBcc);
  for (const auto line : {"\n", "CPU:0 [LOST 7 EVENTS]\n", "CPU:1 [LOST 5 EVENTS]\n",
                          "CPU:1 [LOST EVENTS]\n", "tail of a comm with a newline in it\n"}) {
    EXPECT_FALSE(reader.read(line));
  }
  EXPECT_EQ(reader.counts().foreign_lines, 0U);
  EXPECT_EQ(reader.counts().lost_events, 12U);
  EXPECT_EQ(reader.counts().losses_unknown, 1U);
  EXPECT_EQ(reader.counts().unread_lines, 1U);
  EXPECT_FALSE(reader.read(line_with("two words")));
  EXPECT_FALSE(reader.read(headed("x [0] .... 5.0")));
  EXPECT_TRUE(reader.read(headed("1 [0] .... 5.0")));
  EXPECT_EQ(reader.counts().foreign_lines, 2U);
  EXPECT_EQ(reader.counts().lost_events, 12U);
}

}  // namespace
}  // namespace disksnoop
