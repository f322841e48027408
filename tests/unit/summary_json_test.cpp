#include "render/summary_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "buckets.h"

namespace disksnoop {
namespace {

using Json = nlohmann::json;

SummaryReport report_of(const SummaryKey& key, const std::vector<Request>& requests,
                        bool tells_errors = true) {
  SummaryReport report;
  SummaryLine line;
  for (const Request& request : requests) line.add(request, tells_errors);
  report.summary.add(key, line);
  return report;
}

Request request_of(std::uint64_t latency_ns) {
  Request request;
  request.bytes = 4096;
  request.latency_ns = latency_ns;
  return request;
}

std::string text_of(const SummaryReport& report, std::string_view keys, std::size_t most = 20) {
  std::string out;
  append_summary_json(out, report, {*parse_summary_keys(keys), most});
  return out;
}

std::vector<Json> lines(const SummaryReport& report, std::string_view keys, std::size_t most = 20) {
  std::istringstream text(text_of(report, keys, most));
  std::vector<Json> all;
  for (std::string line; std::getline(text, line);) all.push_back(Json::parse(line));
  return all;
}

TEST(SummaryJson, HasTheUnitsOfTheKernel) {
  Request request = request_of(70'000);
  request.queue_ns = 2000;
  SummaryReport report = report_of({"sda", std::uint64_t{77}}, {request, request});
  report.clock = WallTime{1'500'000, 7200};
  report.time_ns = -5;
  report.span_ns = 1'000'000'000;
  EXPECT_EQ(text_of(report, "disk,pid"),
            R"({"time":"1970-01-01T02:00:01.500000+02:00","time_ns":-5,"span_ns":1000000000,)"
            R"("disk":"sda","pid":77,"requests":2,"bytes":8192,"errors":0,"sum_ns":140000,)"
            R"("mean_ns":70000,"p50_ns":70000,"p90_ns":70000,"p99_ns":70000,"p999_ns":70000,)"
            R"("max_ns":70000,"buckets":[[71679,2]],"queue_sum_ns":4000,"queue_mean_ns":2000,)"
            R"("queue_p99_ns":2000,"queue_max_ns":2000,"queue_buckets":[[2015,2]]})"
            "\n");
}

TEST(SummaryJson, WhatIsNotKnownIsNull) {
  const Json line = lines(report_of(SummaryKey(2), {{}}, false), "disk,pid").at(0);
  for (const char* key :
       {"time", "time_ns", "disk", "pid", "bytes", "errors", "mean_ns", "p50_ns", "p90_ns",
        "p99_ns", "p999_ns", "max_ns", "queue_mean_ns", "queue_p99_ns", "queue_max_ns"}) {
    EXPECT_TRUE(line.at(key).is_null()) << key;
  }
  EXPECT_EQ(line.at("requests"), 1);
  EXPECT_EQ(line.at("span_ns"), 0);
  EXPECT_EQ(line.at("buckets"), Json::array()) << "there are no times to be added";
  EXPECT_EQ(line.at("sum_ns"), 0);
  EXPECT_EQ(line.at("queue_buckets"), Json::array());
  EXPECT_EQ(line.at("queue_sum_ns"), 0);
  EXPECT_FALSE(line.contains("other_lines"));
}

TEST(SummaryJson, WithoutLinesThereIsNothing) { EXPECT_EQ(text_of({}, "disk"), ""); }

TEST(SummaryJson, TheRestIsALineOfItsOwn) {
  SummaryReport report;
  for (std::uint64_t pid = 1; pid <= 20; ++pid) {
    SummaryLine line;
    line.add(request_of(pid * 1000), true);
    report.summary.add({pid, "R"}, line);
  }
  const auto all = lines(report, "pid,op", 3);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].at("pid"), 20) << "what took longest comes first";
  EXPECT_FALSE(all[2].contains("other_lines"));
  EXPECT_EQ(all[3].at("other_lines"), 17);
  EXPECT_EQ(all[3].at("requests"), 17);
  EXPECT_EQ(all[3].at("sum_ns"), 17 * 18 / 2 * 1000);
  EXPECT_TRUE(all[3].at("pid").is_null());
  EXPECT_TRUE(all[3].at("op").is_null());
}

TEST(SummaryJson, RequestsWithoutALineAreTold) {
  SummaryReport report;
  SummaryLine line;
  line.add(request_of(1000), true);
  report.summary.add_other(line);
  const auto all = lines(report, "disk");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("other_lines"), 0);
  EXPECT_EQ(all[0].at("requests"), 1);
}

TEST(SummaryJson, TheLastBucketHasNoLimit) {
  const SummaryReport report =
      report_of({"sda"}, {request_of(10), request_of((std::uint64_t{1} << 40) - 1),
                          request_of(std::uint64_t{1} << 40)});
  EXPECT_EQ(lines(report, "disk").at(0).at("buckets"),
            Json::parse("[[31,1],[1099511627775,1],[null,1]]"));
}

/// The times of a line, put together from its JSON.
void add_json(Histogram& times, const Json& line) {
  for (const Json& bucket : line.at("buckets")) {
    const std::size_t number =
        bucket[0].is_null() ? BUCKETS - 1 : bucket_of_ns(bucket[0].get<std::uint64_t>());
    times.add_counted(number, bucket[1].get<std::uint64_t>());
  }
  times.add_sum(line.at("sum_ns").get<std::uint64_t>(), line.at("max_ns").get<std::uint64_t>());
}

TEST(SummaryJson, SummariesOfHostsAreAddedExactly) {
  const SummaryReport one =
      report_of({"sda"}, {request_of(3), request_of(70'000), request_of(2'000'000'000'000)});
  const SummaryReport other = report_of({"sda"}, {request_of(70'100), request_of(9'000'001)});
  Histogram added;
  add_json(added, lines(one, "disk").at(0));
  add_json(added, lines(other, "disk").at(0));
  Histogram expected;
  for (const std::uint64_t ns : {3ULL, 70'000ULL, 2'000'000'000'000ULL, 70'100ULL, 9'000'001ULL})
    expected.add(ns);
  EXPECT_EQ(added, expected);
}

TEST(SummaryJson, LargeNumbersAreExact) {
  const SummaryReport report = report_of({"sda"}, {request_of(18'446'744'073'709'551'615U)});
  EXPECT_EQ(lines(report, "disk").at(0).at("max_ns"), 18'446'744'073'709'551'615U);
}

TEST(SummaryJson, TextIsFitForATerminalAndValid) {
  const SummaryReport report = report_of({"größe", "a\xff\"\x1b\x7f\u202e"}, {request_of(1000)});
  const std::string text = text_of(report, "comm,file");
  EXPECT_EQ(text.find_first_of("\x1b\x7f"), std::string::npos) << text;
  EXPECT_EQ(text.find("\u202e"), std::string::npos) << text;
  const Json line = lines(report, "comm,file").at(0);
  EXPECT_EQ(line.at("comm"), "größe");
  EXPECT_EQ(line.at("file"), "a\ufffd\"\x1b\x7f\u202e");
}

}  // namespace
}  // namespace disksnoop
