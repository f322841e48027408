#include "render/json_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace disksnoop {
namespace {

std::string row(const Columns& columns, const Request& request) {
  std::string out;
  JsonWriter(columns, 0).append(out, request);
  return out;
}

std::string row(std::string_view columns, const Request& request) {
  return row(*parse_columns(columns), request);
}

/// The comm as a reader of JSON gets it.
std::string read_comm(std::string_view comm) {
  Request request;
  request.comm = comm;
  const std::string text = row("pid,comm", request);
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  return nlohmann::json::parse(text).at("comm").get<std::string>();
}

TEST(JsonWriter, HasTheUnitsOfTheKernel) {
  Request request;
  request.completed_ns = 1'500'000'000;
  request.clock = WallTime{1'500'000, 7200};
  request.type = 'W';
  request.operation = Operation("WS");
  request.bytes = 4096;
  request.latency_ns = 1'234'567;
  request.queue_ns = 89;
  request.disk = "sda";
  request.partition = "sda1";
  request.sector = 2048;
  request.pid = 77;
  request.comm = "fio";
  request.cgroup = "/system.slice";
  request.file = "/a/b";
  request.is_sequential = true;
  request.error = "EIO";
  EXPECT_EQ(
      row(all_columns(), request),
      R"({"time_ns":1500000000,"clock":"1970-01-01T02:00:01.500000+02:00","type":"W","op":"WS",)"
      R"("bytes":4096,"latency_ns":1234567,"queue_ns":89,"disk":"sda","partition":"sda1",)"
      R"("sector":2048,"pid":77,"comm":"fio","cgroup":"/system.slice","file":"/a/b",)"
      R"("pattern":"S","error":"EIO"})"
      "\n");
}

TEST(JsonWriter, WhatIsNotKnownIsNull) {
  const auto read = nlohmann::json::parse(row(all_columns(), {}));
  EXPECT_EQ(read.size(), all_columns().size());
  for (const Column* column : all_columns()) EXPECT_TRUE(read.at(column->key).is_null());
}

TEST(JsonWriter, UnlessToldItHasTheWideColumnsAndTheType) {
  Columns expected = wide_columns();
  expected.push_back(find_column("type"));
  EXPECT_EQ(json_columns(), expected);
}

TEST(JsonWriter, HasNoHeader) { EXPECT_EQ(JsonWriter(usual_columns(), 0).header(), ""); }

TEST(JsonWriter, TextIsReadAsItWas) {
  for (const std::string_view text :
       {"fio", "a b", "a\"b", "a\\b", "a\\", "a\nb\tc\r", "größe", "日本", "\xf0\x9f\x92\xbe",
        "\x7f", "\u2028", "</script>", "{}"}) {
    EXPECT_EQ(read_comm(text), text);
  }
  for (char c = 1; c < ' '; ++c) EXPECT_EQ(read_comm({&c, 1}), std::string(1, c));
}

TEST(JsonWriter, WhatIsNoUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(read_comm("\xff"), "\ufffd");
  EXPECT_EQ(read_comm("a\xc3"), "a\ufffd");
  EXPECT_EQ(read_comm("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(read_comm("\"\xffx"), "\"\ufffdx");
}

TEST(JsonWriter, TextIsFitForATerminal) {
  Request request;
  request.comm = "\x1b\x7f\u009b\u202e";
  request.file = "größe\u2028";
  EXPECT_EQ(row("comm", request), "{\"comm\":\"\\u001b\\u007f\\u009b\\u202e\"}\n");
  EXPECT_EQ(row("file", request), "{\"file\":\"gr\\u00f6\\u00dfe\\u2028\"}\n");
  request.file = "größe";
  EXPECT_EQ(row("file", request), "{\"file\":\"größe\"}\n") << "as it is where it does no harm";
}

TEST(JsonWriter, LargeNumbersAreExact) {
  Request request;
  request.sector = 18'446'744'073'709'551'615U;
  request.completed_ns = -9'223'372'036'854'775'807;
  EXPECT_EQ(row("sector,time", request),
            "{\"sector\":18446744073709551615,\"time_ns\":-9223372036854775807}\n");
}

TEST(JsonWriter, TheTimeCountsFromTheFirstRow) {
  JsonWriter json(*parse_columns("time"), std::nullopt);
  std::string out;
  for (const std::int64_t ns : {50, 70, 40}) {
    Request request;
    request.completed_ns = ns;
    json.append(out, request);
  }
  EXPECT_EQ(out, "{\"time_ns\":0}\n{\"time_ns\":20}\n{\"time_ns\":-10}\n");
}

}  // namespace
}  // namespace disksnoop
