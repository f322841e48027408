#include "request/request_totals.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

Columns keys_of(std::string_view list) { return *parse_summary_keys(list); }

/// So many requests, of 1 ms and 4 KiB each.
SummaryLine line_of(std::uint64_t requests) {
  SummaryLine line;
  Request request;
  request.bytes = 4096;
  request.latency_ns = 1'000'000;
  for (; requests > 0; --requests) line.add(request, true);
  return line;
}

Summary summary_of(const std::vector<std::pair<SummaryKey, std::uint64_t>>& lines) {
  Summary summary;
  for (const auto& [key, requests] : lines) summary.add(key, line_of(requests));
  return summary;
}

std::uint64_t requests_of(const RequestTotals& totals, const SummaryKey& series) {
  const auto found = totals.lines().find(series);
  return found != totals.lines().end() ? found->second.requests : 0;
}

std::uint64_t all_requests(const RequestTotals& totals) {
  std::uint64_t requests = 0;
  for (const auto& [series, line] : totals.lines()) requests += line.requests;
  return requests;
}

/// By comm too, with room for two lines.
RequestTotals room_for_two() { return {keys_of("disk,op,comm"), keys_of("disk,op,comm"), 2}; }

TEST(RequestTotals, AddUpWhatComes) {
  RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  totals.add(summary_of({{{"sda", "R"}, 2}, {{"sdb", "R"}, 1}}), kSecond);
  totals.add(summary_of({{{"sda", "R"}, 3}}), 2 * kSecond);
  totals.add({}, 3 * kSecond);
  ASSERT_EQ(totals.lines().size(), 2U);
  const SummaryLine& line = totals.lines().at({"sda", "read"});
  EXPECT_EQ(line, line_of(5)) << "times, bytes and errors too";
  EXPECT_EQ(requests_of(totals, {"sdb", "read"}), 1U);
}

TEST(RequestTotals, AnOperationIsOneOfItsClass) {
  RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  const std::vector<std::pair<std::string, std::string>> classes = {
      {"R", "read"},     {"W", "write"}, {"WZ", "write"}, {"ZA", "write"}, {"D", "discard"},
      {"DE", "discard"}, {"F", "flush"}, {"N", "other"},  {"ZR", "other"},
  };
  for (const auto& [letters, name] : classes) {
    const std::uint64_t before = requests_of(totals, {"sda", name});
    totals.add(summary_of({{{"sda", letters}, 1}}), kSecond);
    EXPECT_EQ(requests_of(totals, {"sda", name}), before + 1) << letters;
  }
  EXPECT_EQ(totals.lines().size(), 5U);
}

TEST(RequestTotals, WhatIsNotKnownIsASeriesOfItsOwn) {
  RequestTotals totals(usual_summary_keys(), usual_summary_keys());
  totals.add(summary_of({{{SummaryValue(), SummaryValue()}, 1}, {{"sda", SummaryValue()}, 2}}), 1);
  EXPECT_EQ(requests_of(totals, SummaryKey(2)), 1U);
  EXPECT_EQ(requests_of(totals, {"sda", SummaryValue()}), 2U);
}

TEST(RequestTotals, LinesThatDifferInNoLabelAreOneSeries) {
  RequestTotals totals(keys_of("comm,pid,op,disk"), keys_of("disk,op,comm"));
  const std::uint64_t first = 1;
  const std::uint64_t second = 2;
  totals.add(summary_of({{{"fio", first, "W", "sda"}, 1},
                         {{"fio", second, "WZ", "sda"}, 2},
                         {{"dd", first, "W", "sda"}, 4}}),
             kSecond);
  ASSERT_EQ(totals.lines().size(), 2U);
  EXPECT_EQ(requests_of(totals, {"sda", "write", "fio"}), 3U);
  EXPECT_EQ(requests_of(totals, {"sda", "write", "dd"}), 4U);
}

TEST(RequestTotals, BeyondTheLimitRequestsAreAmongTheOthersOfTheirDisk) {
  RequestTotals totals = room_for_two();
  totals.add(summary_of({{{"sda", "R", "a"}, 1}, {{"sda", "R", "b"}, 1}}), kSecond);
  EXPECT_EQ(totals.requests_without_series(), 0U);
  totals.add(summary_of({{{"sda", "R", "a"}, 1},
                         {{"sda", "R", "c"}, 2},
                         {{"sda", "R", "d"}, 3},
                         {{"sdb", "W", "c"}, 5}}),
             2 * kSecond);
  EXPECT_EQ(totals.lines().size(), 4U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "a"}), 2U) << "what has a line keeps it";
  EXPECT_EQ(requests_of(totals, {"sda", "read", "(other)"}), 5U);
  EXPECT_EQ(requests_of(totals, {"sdb", "write", "(other)"}), 5U);
  EXPECT_EQ(totals.requests_without_series(), 10U);
}

TEST(RequestTotals, WhatTookLongestHasTheRoom) {
  RequestTotals totals = room_for_two();
  totals.add(summary_of({{{"sda", "R", "a"}, 1},
                         {{"sda", "R", "b"}, 3},
                         {{"sda", "R", "c"}, 1},
                         {{"sda", "R", "d"}, 2}}),
             kSecond);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "b"}), 3U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "d"}), 2U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "(other)"}), 2U);
}

TEST(RequestTotals, DisksAndOperationsAreNotLimited) {
  RequestTotals totals(usual_summary_keys(), usual_summary_keys(), 2);
  for (const std::string letter : {"a", "b"}) {
    Summary summary;
    for (int disk = 0; disk < 10; ++disk) {
      summary.add({"sd" + letter + std::to_string(disk), "R"}, line_of(1));
    }
    totals.add(summary, letter == "a" ? 0 : RequestTotals::kIdleNs);
  }
  EXPECT_EQ(totals.lines().size(), 20U) << "nor do they give up their place";
  EXPECT_EQ(totals.requests_without_series(), 0U);
}

TEST(RequestTotals, IdleLinesGiveUpTheirPlaceWhereItIsNeeded) {
  RequestTotals totals = room_for_two();
  totals.add(summary_of({{{"sda", "R", "a"}, 1}}), kSecond);
  totals.add(summary_of({{{"sda", "R", "b"}, 1}}), RequestTotals::kIdleNs * 5);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "a"}), 1U) << "there was room beside it";

  totals.add(summary_of({{{"sda", "R", "c"}, 7}}), RequestTotals::kIdleNs * 5 + kSecond);
  EXPECT_EQ(totals.lines().size(), 2U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "b"}), 1U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "c"}), 7U);
  EXPECT_EQ(totals.requests_without_series(), 0U);
}

TEST(RequestTotals, ALineIsIdleAfterTenMinutes) {
  RequestTotals totals = room_for_two();
  totals.add(summary_of({{{"sda", "R", "a"}, 1}, {{"sda", "R", "b"}, 1}}), kSecond);
  totals.add(summary_of({{{"sda", "R", "c"}, 1}}), 600 * kSecond);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "c"}), 0U);
  totals.add(summary_of({{{"sda", "R", "c"}, 1}}), 601 * kSecond);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "c"}), 1U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "(other)"}), 1U) << "what is counted stays there";
}

TEST(RequestTotals, ALineThatWasIdleUntilNowKeepsItsPlace) {
  RequestTotals totals = room_for_two();
  totals.add(summary_of({{{"sda", "R", "y"}, 1}, {{"sda", "R", "z"}, 1}}), 0);
  totals.add(summary_of({{{"sda", "R", "a"}, 9}, {{"sda", "R", "z"}, 1}}), RequestTotals::kIdleNs);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "z"}), 2U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "a"}), 9U) << "the place of y";
}

TEST(RequestTotals, RequestsWithoutALineOfTheKernelHaveNoLabel) {
  RequestTotals totals = room_for_two();
  Summary summary;
  summary.add_other(line_of(4));
  totals.add(summary, kSecond);
  totals.add(summary, 2 * kSecond);
  ASSERT_EQ(totals.lines().size(), 1U);
  EXPECT_EQ(requests_of(totals, {"(other)", "(other)", "(other)"}), 8U);
  EXPECT_EQ(totals.requests_without_series(), 8U);
}

TEST(RequestTotals, ADiskThatIsGoneHasNoSeriesAndBeginsAgain) {
  RequestTotals totals(keys_of("disk,op,comm"), keys_of("disk,op,comm"), 1);
  Summary summary = summary_of({{{"sda", "R", "a"}, 1},
                                {{"sdb", "R", "a"}, 2},
                                {{"sdb", "W", "b"}, 1},
                                {{SummaryValue(), "R", "a"}, 1}});
  summary.add_other(line_of(1));
  totals.add(summary, kSecond);
  ASSERT_EQ(totals.lines().size(), 5U);
  totals.end_disks([](const std::string& disk) { return disk == "sda"; });
  EXPECT_EQ(totals.lines().size(), 3U);
  EXPECT_EQ(requests_of(totals, {"sda", "read", "(other)"}), 1U);
  EXPECT_EQ(requests_of(totals, {SummaryValue(), "read", "(other)"}), 1U) << "of no known disk";
  EXPECT_EQ(requests_of(totals, {"(other)", "(other)", "(other)"}), 1U) << "of any disk";
  totals.add(summary_of({{{"sdb", "R", "a"}, 1}}), 2 * kSecond);
  EXPECT_EQ(requests_of(totals, {"sdb", "read", "a"}), 1U) << "from 0, with the place that is free";
}

TEST(RequestTotals, AsLongAsALineIsThereItGrowsAndNoRequestIsForgotten) {
  RequestTotals totals = room_for_two();
  std::uint64_t requests = 0;
  RequestTotals::Lines before;
  for (std::uint64_t second = 1; second <= 500; ++second) {
    const std::string comm(1, static_cast<char>('a' + second * second % 7));
    const std::string disk = second % 3 == 0 ? "sdb" : "sda";
    totals.add(summary_of({{{disk, second % 2 == 0 ? "R" : "W", comm}, 1 + second % 4}}),
               second * kSecond);
    requests += 1 + second % 4;
    for (const auto& [series, line] : before) {
      const RequestTotals::Line& now = totals.lines().at(series);
      EXPECT_GE(now.requests, line.requests);
      EXPECT_GE(now.bytes, line.bytes);
      EXPECT_GE(now.latency.sum_ns(), line.latency.sum_ns());
    }
    before = totals.lines();
  }
  EXPECT_EQ(all_requests(totals), requests);
  EXPECT_GT(totals.requests_without_series(), 0U);
}

}  // namespace
}  // namespace disksnoop
