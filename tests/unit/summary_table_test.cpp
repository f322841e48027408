#include "render/summary_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"

namespace disksnoop {
namespace {

SummaryLine line_of(const std::vector<std::uint64_t>& latencies_ns) {
  SummaryLine line;
  for (const std::uint64_t ns : latencies_ns) {
    Request request;
    request.bytes = 4096;
    request.latency_ns = ns;
    request.queue_ns = 2000;
    line.add(request, true);
  }
  return line;
}

SummaryReport report_of(const SummaryKey& key, const SummaryLine& line) {
  SummaryReport report;
  report.span_ns = 1'000'000'000;
  report.summary.add(key, line);
  return report;
}

std::string table(const SummaryReport& report, std::string_view keys, std::size_t most = 20,
                  bool distributions = false) {
  std::string out;
  append_summary_table(out, report, {*parse_summary_keys(keys), most, distributions}, 80);
  return out;
}

std::vector<std::string> lines(const SummaryReport& report, std::string_view keys,
                               std::size_t most = 20, bool distributions = false) {
  std::istringstream text(table(report, keys, most, distributions));
  std::vector<std::string> all;
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> all;
  for (std::string word; text >> word;) all.push_back(word);
  return all;
}

/// What stands under a header in the only line.
std::string under(const std::string& header, const SummaryReport& report,
                  std::string_view keys = "disk") {
  const auto all = lines(report, keys);
  const auto headers = words(all.at(1));
  const auto at = std::ranges::find(headers, header) - headers.begin();
  return words(all.at(2)).at(static_cast<std::size_t>(at));
}

TEST(SummaryTable, HasALineForEachLine) {
  SummaryReport report = report_of({"sda", "R"}, line_of({163'000, 163'000, 163'000, 2'000'000}));
  report.summary.add({"nvme0n1", "WZ"}, line_of({50'000}));
  report.span_ns = 2'000'000'000;
  report.clock = WallTime{1'500'000, 3600};
  // Between its begin and its end a bucket's times are told by its end.
  EXPECT_EQ(table(report, "disk,op"),
            "1970-01-01T01:00:01.500000+01:00, over 2.000 s\n"
            "DISK     OP       REQS    REQ/s     MB/s MEAN(ms)  P50(ms)  P90(ms)  P99(ms) P99.9(ms)"
            "  MAX(ms)  QUE(ms)  Q99(ms) ERRS\n"
            "sda      R           4      2.0    0.008    0.622    0.164    2.000    2.000     2.000"
            "    2.000    0.002    0.002    0\n"
            "nvme0n1  WZ          1      0.5    0.002    0.050    0.050    0.050    0.050     0.050"
            "    0.050    0.002    0.002    0\n");
}

TEST(SummaryTable, WithoutLinesThereIsTheHeaderAlone) {
  SummaryReport report;
  report.span_ns = 1'000'000'000;
  const auto all = lines(report, "disk,op");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], "over 1.000 s");
  EXPECT_TRUE(all[1].starts_with("DISK     OP       REQS ")) << all[1];
}

TEST(SummaryTable, TheHeadingHasTheTimeWhereThereIsNoClock) {
  SummaryReport report;
  report.time_ns = 12'345'678'901;
  report.span_ns = 250'400'000;
  EXPECT_EQ(lines(report, "disk").front(), "12.345678901 s, over 0.250 s");
  report.time_ns = -1;
  EXPECT_EQ(lines(report, "disk").front(), "-0.000000001 s, over 0.250 s");
}

TEST(SummaryTable, WhatIsNotKnownIsADash) {
  SummaryLine line;
  line.add({}, false);
  SummaryReport report = report_of(SummaryKey(1), line);
  EXPECT_EQ(words(lines(report, "disk").at(2)),
            (std::vector<std::string>{"-", "1", "1.0", "-", "-", "-", "-", "-", "-", "-", "-", "-",
                                      "-"}));
}

TEST(SummaryTable, InNoTimeThereIsNoRate) {
  SummaryReport report = report_of({"sda"}, line_of({1000}));
  report.span_ns = 0;
  EXPECT_EQ(under("REQ/s", report), "-");
  EXPECT_EQ(under("MB/s", report), "-");
  EXPECT_EQ(under("REQS", report), "1");
}

TEST(SummaryTable, ErrorsAreCounted) {
  SummaryLine line;
  Request request;
  request.error = "EIO";
  line.add(request, true);
  line.add({}, true);
  EXPECT_EQ(under("ERRS", report_of({"sda"}, line)), "1");
}

TEST(SummaryTable, ShortKeysStandFirstAndLongOnesLast) {
  const auto all = lines(report_of({"/a", std::uint64_t{77}, "/b c", "sda"}, line_of({1000})),
                         "cgroup,pid,file,disk");
  const auto headers = words(all.at(1));
  EXPECT_EQ(headers.front(), "PID");
  EXPECT_EQ(headers.at(1), "DISK");
  EXPECT_EQ(headers.at(2), "REQS");
  EXPECT_EQ(headers.at(headers.size() - 2), "CGROUP");
  EXPECT_EQ(headers.back(), "FILE");
  EXPECT_TRUE(all.at(2).starts_with("     77 sda ")) << all.at(2);
  EXPECT_TRUE(all.at(2).ends_with(" 0 /a                       /b c")) << all.at(2);
}

TEST(SummaryTable, ColumnsAreAlignedWhateverIsInThem) {
  SummaryReport report =
      report_of({"a-disk-of-a-long-name", "größe"}, line_of({4'000'000'000'000}));
  report.summary.add({"b", "c"}, line_of({70'000, 80'000}));
  report.span_ns = 1;  // for long rates
  const auto all = lines(report, "disk,comm");
  ASSERT_EQ(all.size(), 4U);
  for (const std::string& line : all) {
    if (line != all.front()) {
      EXPECT_EQ(count_code_points(line), count_code_points(all[1])) << line;
    }
  }
  EXPECT_EQ(all[2].find("größe"), all[3].find(" c ") + 1);
}

TEST(SummaryTable, TextOfOthersIsEscaped) {
  const SummaryReport report = report_of({"a b\x1b[2J", "c d\n"}, line_of({1000}));
  const std::string line = lines(report, "comm,file").at(2);
  EXPECT_TRUE(line.starts_with("a\\x20b\\x1b[2J ")) << line;
  EXPECT_TRUE(line.ends_with(" c d\\x0a"))
      << "in the last column blanks are read as they are: " << line;
  EXPECT_TRUE(lines(report_of({"c d", "/"}, line_of({1})), "file,cgroup").at(2).find(" c\\x20d ") !=
              std::string::npos);
}

/// Processes 1 to 20, the first of which took longest, and requests without a line.
SummaryReport report_of_many(std::uint64_t without) {
  SummaryReport report;
  report.span_ns = 1'000'000'000;
  for (std::uint64_t pid = 1; pid <= 20; ++pid)
    report.summary.add({pid, "/f"}, line_of({(21 - pid) * 1'000'000}));
  if (without > 0) report.summary.add_other(line_of(std::vector<std::uint64_t>(without, 1000)));
  return report;
}

TEST(SummaryTable, WhatIsNotShownIsToldTogether) {
  const auto all = lines(report_of_many(0), "pid,file", 3);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_TRUE(all[2].starts_with("      1        1 "));
  EXPECT_TRUE(all[5].starts_with("  other       17     17.0    0.070 ")) << all[5];
  EXPECT_TRUE(all[5].ends_with(" 0 - (17 lines)")) << all[5];
  EXPECT_TRUE(lines(report_of_many(0), "pid,file", 19).back().ends_with(" (1 line)"));
  EXPECT_EQ(lines(report_of_many(0), "pid,file", 20).size(), 22U) << "nothing is left over";
}

TEST(SummaryTable, RequestsWithoutALineAreTold) {
  const auto all = lines(report_of_many(5), "pid,file");
  ASSERT_EQ(all.size(), 23U);
  EXPECT_TRUE(all.back().starts_with("  other        5 ")) << all.back();
  EXPECT_TRUE(all.back().ends_with(" (5 requests without a line)")) << all.back();
  const std::string both = lines(report_of_many(1), "pid,file", 10).back();
  EXPECT_TRUE(both.starts_with("  other       11 ")) << both;
  EXPECT_TRUE(both.ends_with(" (10 lines, and 1 request without one)")) << both;
}

TEST(SummaryTable, TheRestIsToldWhereTheOnlyKeyIsALongOne) {
  SummaryReport report = report_of({"/a"}, line_of({9000}));
  report.summary.add({"/b"}, line_of({1000}));
  EXPECT_TRUE(lines(report, "file", 1).back().ends_with(" 0 other (1 line)"));
}

TEST(SummaryTable, HowTimesAreSpreadStandsUnderEachLine) {
  SummaryReport report = report_of({"sda"}, line_of({70'000}));
  SummaryLine unknown;
  unknown.add({}, true);
  report.summary.add({"sdb"}, unknown);
  const auto all = lines(report, "disk", 20, true);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_TRUE(all[2].starts_with("sda "));
  EXPECT_EQ(all[3], "    65.5 µs - 71.7 µs  1 |" + std::string(53, '*') + "|");
  EXPECT_EQ(all[4], "");
  EXPECT_TRUE(all[5].starts_with("sdb ")) << "of which nothing is known";
  EXPECT_EQ(lines(report_of_many(0), "pid,file", 1, true).size(), 2U + 3U + 1U + 18U + 1U)
      << "under the rest too";
}

}  // namespace
}  // namespace disksnoop
