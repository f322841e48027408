#include "original/unread_line.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "original/trace_line.h"

namespace disksnoop {
namespace {

using namespace std::string_view_literals;

/// The kind of a line that is not read indeed.
UnreadKind kind_of(std::string_view line) {
  EXPECT_EQ(parse_trace_line(line, Dialect::kSeed).kind, LineKind::kUnread) << line;
  return classify_unread(line);
}

TEST(UnreadLine, RecordTgid) {
  EXPECT_EQ(kind_of("              dd-28231   (  28231) [001] d.h1.  1954.388156: "
                    "bpf_trace_printk: 4096 80700 100\n"),
            UnreadKind::kRecordTgid);
  EXPECT_EQ(kind_of("          <idle>-0       (-------) [001] d.h1.  1954.388156: "
                    "bpf_trace_printk: 4096 80700 100\n"),
            UnreadKind::kRecordTgid);
}

TEST(UnreadLine, NoIrqInfo) {
  EXPECT_EQ(kind_of("     kworker/0:1-8      [000]  1957.350104: bpf_trace_printk: 4096 801 9\n"),
            UnreadKind::kNoIrqInfo);
}

TEST(UnreadLine, NoContextInfo) {
  EXPECT_EQ(kind_of("bpf_trace_printk: 4096 80700 100\n"), UnreadKind::kNoContextInfo);
  EXPECT_EQ(kind_of("4096 80700 100\n"), UnreadKind::kNoContextInfo);
}

TEST(UnreadLine, LatencyFormat) {
  for (const auto* mark : {" ", "+", "!", "#", "*", "@", "$"}) {
    const std::string line = "      dd-26090     1d.h1. 1928702054us" + std::string(mark) +
                             ": bpf_trace_printk: 4096 80700 100\n";
    EXPECT_EQ(kind_of(line), UnreadKind::kLatencyFormat) << line;
  }
}

TEST(UnreadLine, RawFormat) {
  EXPECT_EQ(kind_of("26976 0 1938462165597 type: 550\n"), UnreadKind::kRawFormat);
  EXPECT_EQ(classify_unread("000065e6 00000000 000001c0c8d1501f type: 550\n"),
            UnreadKind::kRawFormat);
}

TEST(UnreadLine, Comment) {
  EXPECT_EQ(kind_of("# tracer: nop\n"), UnreadKind::kComment);
  EXPECT_EQ(kind_of("#\n"), UnreadKind::kComment);
  EXPECT_EQ(kind_of("##### CPU 1 buffer started ####\n"), UnreadKind::kComment);
}

TEST(UnreadLine, Moved) {
  EXPECT_EQ(kind_of("dd-353     [000] d.h31   115.460116: bpf_trace_printk: 4096 80700 2471\n"),
            UnreadKind::kMoved);
  EXPECT_EQ(kind_of("<idle>-0       [000] d.h41   115.473602: bpf_trace_printk: 4096 3000 19\n"),
            UnreadKind::kMoved);
}

TEST(UnreadLine, Compressed) {
  for (const std::string_view begin : {"\x1f\x8b\x08\0"sv, "\x28\xb5\x2f\xfd"sv, "\xfd\x37zXZ\0"sv,
                                       "BZh9"sv, "\x04\x22\x4d\x18"sv}) {
    EXPECT_EQ(classify_unread(std::string(begin) + "\xff\xfe\n"), UnreadKind::kCompressed);
  }
}

TEST(UnreadLine, NothingIsGuessedOfOthers) {
  for (const auto* line : {"a word\n", "CPU:1 [LOST all EVENTS]\n", "x\n", "\xff\xfe\xfd\n", ": \n",
                           "            bash-249     [000] d.h. then\n", "[000] 1.5: 1 2 3\n",
                           "   some text of another program that has: colons\n"}) {
    EXPECT_EQ(classify_unread(line), UnreadKind::kOther) << line;
    EXPECT_EQ(hint_on(classify_unread(line)), "");
  }
}

TEST(UnreadLine, EveryOtherKindHasAHint) {
  for (const UnreadKind kind :
       {UnreadKind::kRecordTgid, UnreadKind::kNoIrqInfo, UnreadKind::kNoContextInfo,
        UnreadKind::kLatencyFormat, UnreadKind::kRawFormat, UnreadKind::kComment,
        UnreadKind::kMoved, UnreadKind::kCompressed}) {
    EXPECT_NE(hint_on(kind), "");
  }
}

TEST(UnreadLine, AReaderKeepsTheKindsThatItSaw) {
  TraceReader reader(Dialect::kSeed);
  EXPECT_FALSE(reader.read("# tracer: nop\n"));
  EXPECT_FALSE(reader.read("#\n"));
  EXPECT_FALSE(reader.read("4096 80700 100\n"));
  EXPECT_EQ(reader.counts().unread_lines, 3U);
  EXPECT_EQ(reader.counts().unread_kinds,
            (std::set{UnreadKind::kNoContextInfo, UnreadKind::kComment}));
}

}  // namespace
}  // namespace disksnoop
