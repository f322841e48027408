#include "original/usual_line.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "original/trace_lines.h"
#include "test_files.h"

namespace disksnoop {
namespace {

constexpr std::string_view kUsual =
    "          <idle>-0       [000] d.h41   114.617987: bpf_trace_printk: 16384 8a701 2367\n";

/// The line as Python reads it: what stands before the newline here makes the
/// line an unusual one, and is taken away with it.
TraceLine read_as_any(std::string_view line, Dialect dialect) {
  const std::string unusual = std::string(line.substr(0, line.size() - 1)) + " \n";
  TraceLine unread;
  EXPECT_FALSE(read_usual_line(unusual, unread)) << unusual;
  TraceLine read = parse_trace_line(unusual, dialect);
  // The view is of `unusual`: the same place in `line`.
  if (!read.bytes.empty()) {
    read.bytes = line.substr(static_cast<std::size_t>(read.bytes.data() - unusual.data()),
                             read.bytes.size());
  }
  return read;
}

/// Whether `line` is usual; if so, it must be what it is to Python.
bool usual_and_right(std::string_view line) {
  TraceLine usual;
  if (!read_usual_line(line, usual)) return false;
  for (const Dialect dialect : {Dialect::kSeed, Dialect::kBcc}) {
    const TraceLine any = read_as_any(line, dialect);
    EXPECT_EQ(any.kind, LineKind::kRow) << line;
    EXPECT_EQ(usual.kind, LineKind::kRow) << line;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(usual.timestamp_s),
              std::bit_cast<std::uint64_t>(any.timestamp_s))
        << line;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(usual.latency_ms),
              std::bit_cast<std::uint64_t>(any.latency_ms))
        << line;
    EXPECT_EQ(usual.write, any.write) << line;
    EXPECT_EQ(usual.bytes.data(), any.bytes.data()) << line;
    EXPECT_EQ(usual.bytes, any.bytes) << line;
  }
  return true;
}

TEST(UsualLine, EveryRowOfARecordingIsUsual) {
  for (const char* kernel : {"5.10.0-32-amd64", "6.12.107+deb13-amd64"}) {
    TraceLines lines;
    lines.append(test_data(std::string("traces/") + kernel + ".trace_pipe"));
    int rows = 0;
    while (const auto line = lines.next()) {
      if (parse_trace_line(*line, Dialect::kSeed).kind != LineKind::kRow) continue;
      ++rows;
      EXPECT_TRUE(usual_and_right(*line)) << *line;
    }
    EXPECT_GT(rows, 100) << kernel;
  }
}

TEST(UsualLine, AnyByteInAnyPlace) {
  ASSERT_TRUE(usual_and_right(kUsual));
  int usual = 0;
  for (std::size_t i = 0; i < kUsual.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string line(kUsual);
      line[i] = static_cast<char>(byte);
      usual += usual_and_right(line) ? 1 : 0;
    }
  }
  // 17 bytes of the comm, and what flags, sizes and digits can be.
  EXPECT_GT(usual, 17 * 256);
}

TEST(UsualLine, AnyPlaceLostDoubledOrCut) {
  for (std::size_t i = 0; i < kUsual.size(); ++i) {
    std::string line(kUsual);
    line.erase(i, 1);
    if (line.ends_with('\n')) usual_and_right(line);
    line = kUsual;
    line.insert(i, 1, kUsual[i]);
    usual_and_right(line);
    for (const std::string_view between : {" ", "\t", "\n", "_", "x", ":", "\x1c", "\u00a0"}) {
      line = kUsual;
      line.insert(i, between);
      usual_and_right(line);
    }
    usual_and_right(std::string(kUsual.substr(0, i)) + "\n");
  }
}

TEST(UsualLine, NumbersOfEveryLength) {
  const std::string digits = "98765432109876543210";
  for (std::size_t length = 1; length <= digits.size(); ++length) {
    const std::string number = digits.substr(0, length);
    const auto line = [](std::string_view time, std::string_view message) {
      return "             fio-421     [001] d.h41 " + std::string(time) +
             ": bpf_trace_printk: " + std::string(message) + "\n";
    };
    EXPECT_EQ(usual_and_right(line(number + ".617987", "16384 80700 2367")), length <= 9);
    EXPECT_EQ(usual_and_right(line("114." + number, "16384 80700 2367")), length == 6);
    EXPECT_EQ(usual_and_right(line("114.617987", "16384 80700 " + number)), length <= 15);
    EXPECT_TRUE(usual_and_right(line("114.617987", number + " 80700 2367")));
    EXPECT_TRUE(usual_and_right(line("114.617987", "16384 " + number + " 2367")));
  }
}

TEST(UsualLine, TheOthersAreNot) {
  TraceLine line;
  for (const std::string_view other :
       {"", "\n", "CPU:3 [LOST 1234 EVENTS]\n",
        "CPU:xxxxxxxxxxxx-5       [000] d.h.     7.500000: bpf_trace_printk: 1 1 1\n",
        "          <idle>-0       [000] d.h41   114.617987: bpf_trace_printk: 16384 8a701 2367",
        "          <idle>-0       [000] d.h41   114.617987: bpf_trace_printk: -4096 8a701 -367\n",
        "          <idle>-0       [000] d.h41   114.617987: 0: 16384 8a701 2367\n"}) {
    EXPECT_FALSE(read_usual_line(other, line)) << other;
  }
}

}  // namespace
}  // namespace disksnoop
