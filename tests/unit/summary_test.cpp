#include "request/summary.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

SummaryKey key_of(const Request& request, std::string_view keys) {
  return summary_key(request, *parse_summary_keys(keys));
}

/// A line of requests that took so long, 1 ms each but the last.
SummaryLine line_of(std::uint64_t requests, std::uint64_t sum_ns) {
  SummaryLine line;
  Request request;
  request.bytes = 4096;
  for (; requests > 1; --requests, sum_ns -= 1'000'000) {
    request.latency_ns = 1'000'000;
    line.add(request, true);
  }
  request.latency_ns = sum_ns;
  line.add(request, true);
  return line;
}

SummaryKey disk(std::string name) { return {std::move(name)}; }

TEST(SummaryKeys, AreColumnsInTheOrderAskedFor) {
  const Columns expected = {find_column("pid"), find_column("disk"), find_column("file")};
  EXPECT_EQ(*parse_summary_keys("pid,disk,file"), expected);
  EXPECT_EQ(*parse_summary_keys("disk,op"), usual_summary_keys());
  EXPECT_TRUE(parse_summary_keys("disk,partition,op,comm,pid,cgroup,file"));
}

TEST(SummaryKeys, OthersAreRefusedWithThoseThatThereAre) {
  for (const std::string_view list :
       {"sector", "", "disk,", ",disk", "disk, op", "DISK", "+disk"}) {
    const auto keys = parse_summary_keys(list);
    ASSERT_FALSE(keys) << list;
    EXPECT_NE(keys.error().message.find("disk, partition, op, comm, pid, cgroup, file"),
              std::string::npos)
        << keys.error().message;
  }
  EXPECT_EQ(
      parse_summary_keys("disk,latency").error().message.find("a line cannot stand for 'latency'"),
      0U);
}

TEST(SummaryKeys, NoneComesTwice) {
  EXPECT_EQ(parse_summary_keys("disk,op,disk").error().message, "disk is there twice");
}

TEST(SummaryKey, HasTheValuesOfItsColumns) {
  Request request;
  request.disk = "sda";
  request.partition = "sda1";
  request.comm = "fio";
  request.pid = 77;
  request.cgroup = "/a";
  request.file = "/b c";
  EXPECT_EQ(key_of(request, "disk,partition,comm,pid,cgroup,file"),
            (SummaryKey{"sda", "sda1", "fio", std::uint64_t{77}, "/a", "/b c"}));
}

TEST(SummaryKey, WhatIsNotKnownIsAValueOfItsOwn) {
  EXPECT_EQ(key_of({}, "disk,partition,op,comm,pid,cgroup,file"), SummaryKey(7));
}

TEST(SummaryKey, AnOperationIsWithoutItsFlags) {
  Request request;
  request.type = 'W';
  request.operation = Operation("FWFSM");
  EXPECT_EQ(key_of(request, "op"), SummaryKey{"W"});
  request.operation = Operation("RA");
  EXPECT_EQ(key_of(request, "op"), SummaryKey{"R"}) << "the operation, not the type";
}

TEST(SummaryKey, WithoutAnOperationTheTypeTellsReadsAndWrites) {
  Request request;
  request.type = 'R';
  EXPECT_EQ(key_of(request, "op"), SummaryKey{"R"});
  request.type = 'W';
  EXPECT_EQ(key_of(request, "op"), SummaryKey{"W"});
  request.type = 'M';
  EXPECT_EQ(key_of(request, "op"), SummaryKey(1)) << "many an operation has no bytes";
}

TEST(SummaryLine, AddsWhatIsKnown) {
  SummaryLine line;
  Request request;
  line.add(request, false);
  EXPECT_EQ(line.requests, 1U);
  EXPECT_EQ(line.bytes, std::nullopt);
  EXPECT_EQ(line.errors, std::nullopt);
  EXPECT_TRUE(line.latency.empty());
  EXPECT_TRUE(line.queue.empty());
  request.bytes = 512;
  request.latency_ns = 7'000;
  line.add(request, true);
  EXPECT_EQ(line.errors, 0U);
  request.queue_ns = 100;
  request.error = "EIO";
  line.add(request, true);
  EXPECT_EQ(line.requests, 3U);
  EXPECT_EQ(line.bytes, 1024U);
  EXPECT_EQ(line.errors, 1U);
  EXPECT_EQ(line.latency.count(), 2U);
  EXPECT_EQ(line.queue.sum_ns(), 100U);
}

TEST(SummaryLine, MergedItIsAsIfAllWereAddedToOne) {
  Request known;
  known.bytes = 512;
  known.latency_ns = 7'000;
  known.queue_ns = 100;
  known.error = "EIO";
  SummaryLine one, all;
  all.add({}, false);
  all.add(known, true);
  SummaryLine other;
  one.add({}, false);
  other.add(known, true);
  one.merge(other);
  EXPECT_EQ(one, all);
  SummaryLine unknown;
  unknown.merge(SummaryLine());
  EXPECT_EQ(unknown, SummaryLine()) << "what nobody knows is not 0";
}

TEST(Summary, ALineForEachKey) {
  Summary summary;
  summary.add(disk("sda"), line_of(1, 500));
  summary.add(disk("sdb"), line_of(1, 300));
  summary.add(disk("sda"), line_of(1, 200));
  ASSERT_EQ(summary.lines().size(), 2U);
  EXPECT_EQ(summary.lines().at(disk("sda")).latency.sum_ns(), 700U);
  EXPECT_EQ(summary.lines().at(disk("sdb")).requests, 1U);
  EXPECT_EQ(summary.other().requests, 0U);
}

TEST(Summary, MergedLinesOfOneKeyAreOne) {
  Summary summary, more;
  summary.add(disk("sda"), line_of(1, 500));
  more.add(disk("sda"), line_of(1, 200));
  more.add(disk("sdb"), line_of(1, 300));
  more.add_other(line_of(3, 9'000'000));
  summary.merge(more);
  ASSERT_EQ(summary.lines().size(), 2U);
  EXPECT_EQ(summary.lines().at(disk("sda")).latency.sum_ns(), 700U);
  EXPECT_EQ(summary.other(), line_of(3, 9'000'000));
}

TEST(Summary, BeyondTheMostLinesRequestsAreAmongTheOthers) {
  Summary summary;
  for (std::uint64_t pid = 0; pid < Summary::kMostLines; ++pid)
    summary.add({pid}, line_of(1, 1000));
  EXPECT_EQ(summary.other().requests, 0U);
  Summary more;
  more.add({std::uint64_t{Summary::kMostLines}}, line_of(2, 2'000'000));
  more.add({std::uint64_t{5}}, line_of(1, 1000));
  summary.merge(more);
  EXPECT_EQ(summary.lines().size(), Summary::kMostLines);
  EXPECT_EQ(summary.other(), line_of(2, 2'000'000)) << "what has no line yet";
  EXPECT_EQ(summary.lines().at({std::uint64_t{5}}).requests, 2U) << "what has one keeps it";
}

TEST(SummaryProjection, LinesThatComeToStandForTheSameAreOne) {
  Summary summary;
  summary.add({"sda", "R", "fio"}, line_of(1, 500));
  summary.add({"sda", "W", "fio"}, line_of(1, 300));
  summary.add({"sda", "R", "dd"}, line_of(1, 200));
  const Summary by_comm =
      projected(summary, *parse_summary_keys("disk,op,comm"), *parse_summary_keys("comm,disk"));
  ASSERT_EQ(by_comm.lines().size(), 2U);
  EXPECT_EQ(by_comm.lines().at({"fio", "sda"}).latency.sum_ns(), 800U);
  EXPECT_EQ(by_comm.lines().at({"dd", "sda"}), line_of(1, 200));
}

TEST(SummaryProjection, WithoutALineRequestsStayAmongTheOthers) {
  Summary summary;
  summary.add_other(line_of(3, 9'000'000));
  const Summary by_disk = projected(summary, usual_summary_keys(), *parse_summary_keys("disk"));
  EXPECT_TRUE(by_disk.lines().empty());
  EXPECT_EQ(by_disk.other(), line_of(3, 9'000'000));
}

TEST(SummaryProjection, ByTheSameColumnsItIsTheSame) {
  Summary summary;
  summary.add({SummaryValue(), "R"}, line_of(2, 2'000'000));
  summary.add({"sda", "W"}, line_of(1, 300));
  const auto& keys = usual_summary_keys();
  EXPECT_EQ(projected(summary, keys, keys).lines(), summary.lines());
}

TEST(SummaryProjection, AColumnThatIsNotThereIsNotKnown) {
  const KeyProjection projection(usual_summary_keys(), *parse_summary_keys("pid,op"));
  EXPECT_EQ(projection({"sda", "R"}), (SummaryKey{SummaryValue(), "R"}));
}

TEST(SummaryTop, WhatTookLongestTogetherComesFirst) {
  Summary summary;
  summary.add(disk("a"), line_of(1, 200));
  summary.add(disk("b"), line_of(1, 300));
  summary.add(disk("d"), line_of(1, 200));
  summary.add(disk("c"), line_of(2, 2'000'000));
  const SummaryTop top = top_of(summary, 4);
  std::string order;
  for (const auto& [key, line] : top.lines) order += std::get<std::string>(key->front());
  EXPECT_EQ(order, "cbad") << "lines that took the same, by their keys";
  EXPECT_EQ(top.other_lines, 0U);
  EXPECT_EQ(top.other, std::nullopt);
}

TEST(SummaryTop, LinesThatTookTheSameKeepTheirOrder) {
  Summary summary;
  for (std::uint64_t pid = 0; pid < 100; ++pid) summary.add({pid}, line_of(1, 1000));
  const SummaryTop top = top_of(summary, 100);
  for (std::uint64_t pid = 0; pid < 100; ++pid)
    EXPECT_EQ(top.lines.at(pid).first->front(), SummaryValue(pid));
}

TEST(SummaryTop, WhatIsBeyondItIsToldTogether) {
  Summary summary;
  for (std::uint64_t pid = 1; pid <= 10; ++pid) summary.add({pid}, line_of(1, pid * 1000));
  summary.add_other(line_of(1, 50));
  const SummaryTop top = top_of(summary, 8);
  EXPECT_EQ(top.lines.size(), 8U);
  EXPECT_EQ(top.other_lines, 2U);
  ASSERT_TRUE(top.other);
  EXPECT_EQ(top.other->requests, 3U);
  EXPECT_EQ(top.other->latency.sum_ns(), 1000U + 2000U + 50U);
  EXPECT_EQ(top_of(summary, 0).other->requests, 11U);
}

TEST(SummaryTop, RequestsWithoutALineAreNotForgotten) {
  Summary summary;
  EXPECT_EQ(top_of(summary, 5).other, std::nullopt);
  summary.add_other(line_of(1, 50));
  const SummaryTop top = top_of(summary, 5);
  EXPECT_EQ(top.other_lines, 0U);
  EXPECT_EQ(top.other, line_of(1, 50));
}

}  // namespace
}  // namespace disksnoop
