#include "render/json_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "render/json_writer.h"

namespace disksnoop {
namespace {

Request full_request() {
  Request request;
  request.completed_ns = -1'500'000'001;
  request.clock = WallTime{1'709'251'199'123'456, -12'600};
  request.type = 'M';
  request.operation = Operation("FWFSM");
  request.bytes = 0;
  request.latency_ns = 1'234'567;
  request.queue_ns = 89;
  request.disk = "nvme0n1";
  request.partition = "nvme0n1p2";
  request.sector = 18'446'744'073'709'551'615U;
  request.pid = 4'294'967'295;
  request.comm = "tab\there";
  request.cgroup = "/a\"b\\c";
  request.file = "/größe (deleted)";
  request.is_sequential = false;
  request.error = "EIO";
  return request;
}

std::string row(const Columns& columns, const Request& request) {
  std::string out;
  JsonWriter(columns, 0).append(out, request);
  return out;
}

bool is_row(std::string_view line) { return JsonReader().read(line).has_value(); }

TEST(JsonReader, EveryValueOfEachColumnIsReadAgain) {
  const Request written = full_request();
  JsonReader reader;
  // The second time by the shorter way.
  for (int time = 0; time < 2; ++time) {
    const std::string line = row(all_columns(), written);
    const auto read = reader.read(line);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->completed_ns, written.completed_ns);
    EXPECT_EQ(read->clock, written.clock);
    EXPECT_EQ(read->type, written.type);
    EXPECT_EQ(read->operation, written.operation);
    EXPECT_EQ(read->bytes, written.bytes);
    EXPECT_EQ(read->latency_ns, written.latency_ns);
    EXPECT_EQ(read->queue_ns, written.queue_ns);
    EXPECT_EQ(read->disk, written.disk);
    EXPECT_EQ(read->partition, written.partition);
    EXPECT_EQ(read->sector, written.sector);
    EXPECT_EQ(read->pid, written.pid);
    EXPECT_EQ(read->comm, written.comm);
    EXPECT_EQ(read->cgroup, written.cgroup);
    EXPECT_EQ(read->file, written.file);
    EXPECT_EQ(read->is_sequential, written.is_sequential);
    EXPECT_EQ(read->error, written.error);
    EXPECT_EQ(reader.columns(), all_columns());
  }
}

TEST(JsonReader, WrittenAgainARowIsTheSame) {
  JsonReader reader;
  for (const std::string_view file : {"/a", "", "/b\n", "/c", "\xff", "\x7f\xff", "/d\\"}) {
    Request request = full_request();
    request.comm = "plain";
    request.cgroup = "/";
    request.file = file;
    const std::string line = row(all_columns(), request);
    const auto read = reader.read(line);
    ASSERT_TRUE(read) << line;
    EXPECT_EQ(row(reader.columns(), *read), line);
  }
  const std::string nothing = row(all_columns(), {});
  const auto read = reader.read(nothing);
  ASSERT_TRUE(read);
  EXPECT_EQ(row(reader.columns(), *read), nothing);
}

TEST(JsonReader, ColumnsAreInTheOrderOfTheKeys) {
  JsonReader reader;
  ASSERT_TRUE(reader.read("{\"file\":null,\"time_ns\":1}\n"));
  EXPECT_EQ(reader.columns(), *parse_columns("file,time"));
  ASSERT_TRUE(reader.read("{\"bytes\":1}"));
  EXPECT_EQ(reader.columns(), *parse_columns("bytes"));
}

TEST(JsonReader, NothingStaysOfTheRowBefore) {
  JsonReader reader;
  ASSERT_TRUE(reader.read("{\"bytes\":1,\"comm\":\"a\"}"));
  for (const std::string_view line :
       {"{\"bytes\":2,\"comm\":null}", "{\"bytes\":2}", "{\"bytes\":2,\"comm\":\"\"}"}) {
    const auto request = reader.read(line);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->bytes, 2U);
    EXPECT_EQ(request->comm, "");
  }
}

TEST(JsonReader, OtherProgramsMayWriteItInTheirWay) {
  JsonReader reader;
  for (int time = 0; time < 2; ++time) {
    const auto request =
        reader.read(" { \"comm\" : \"f\\u0069o\", \"bytes\" :\t4096 , \"pid\": null } \r\n");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->comm, "fio");
    EXPECT_EQ(request->bytes, 4096U);
    EXPECT_EQ(request->pid, std::nullopt);
  }
}

TEST(JsonReader, OtherKeysArePassedOverAndTold) {
  JsonReader reader;
  const auto request = reader.read(
      R"({"a":1,"b":{"bytes":7,"c":[1,{"pid":2}]},"bytes":4096,"d":[true,1.5,null,"x"],"e":-1})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->bytes, 4096U);
  EXPECT_EQ(request->pid, std::nullopt);
  EXPECT_EQ(reader.columns(), *parse_columns("bytes"));
  EXPECT_EQ(reader.other_keys(), (std::set<std::string>{"a", "b", "d", "e"}));
}

TEST(JsonReader, WhatIsNoRow) {
  for (const std::string_view line : {"",
                                      "\n",
                                      "{",
                                      "}",
                                      "{}",
                                      "[]",
                                      "null",
                                      "4096",
                                      "\"bytes\"",
                                      "TIME(s)            T",
                                      "[{\"bytes\":1}]",
                                      "{\"bytes\":1",
                                      "{\"bytes\":1}}",
                                      "{\"bytes\":1}{\"bytes\":1}",
                                      "{\"bytes\":}",
                                      "{\"bytes\":1,}",
                                      "{bytes:1}",
                                      "{'bytes':1}",
                                      "{\"other\":1}",
                                      "{\"bytes\":01}",
                                      "{\"bytes\":1 2}",
                                      "{\"comm\":\"a}",
                                      "{\"comm\":\"\xff\"}",
                                      "{\"comm\":\"a\tb\"}"}) {
    EXPECT_FALSE(is_row(line)) << line;
  }
  EXPECT_FALSE(is_row(std::string_view("{\"bytes\":1}\0", 12))) << "a byte 0 is no end";
}

TEST(JsonReader, AValueThatItsColumnCannotHaveMakesNoRow) {
  for (const std::string_view line :
       {R"({"bytes":"4096"})", R"({"bytes":-1})", R"({"bytes":1.0})", R"({"bytes":1e3})",
        R"({"bytes":true})", R"({"bytes":[]})", R"({"bytes":{}})",
        R"({"bytes":18446744073709551616})", R"({"pid":4294967296})", R"({"comm":7})",
        R"({"type":"X"})", R"({"op":"Q"})", R"({"pattern":""})", R"({"clock":"noon"})",
        R"({"clock":12})", R"({"time_ns":9223372036854775808})", R"({"op":"2024-01-01"})"}) {
    EXPECT_FALSE(is_row(line)) << line;
  }
}

TEST(JsonReader, TheShorterWayReadsNothingThatTheOtherDoesNot) {
  for (const std::string_view line :
       {R"({"bytes":01,"comm":"a"})", R"({"bytes":1.5,"comm":"a"})", R"({"bytes":-,"comm":"a"})",
        R"({"bytes":1,"comm":"a"}})", R"({"bytes":1,"comm":"a")", R"({"bytes":1,"comm":"a)",
        R"({"bytes":1,"comm":")", R"({"bytes":1,"comm":)", R"({"bytes":nul,"comm":"a"})",
        R"({"bytes":nullx,"comm":"a"})", "{\"bytes\":1,\"comm\":\"\x1f\"}",
        R"({"bytes":+1,"comm":"a"})", R"({"bytes":,"comm":"a"})"}) {
    JsonReader reader;
    ASSERT_TRUE(reader.read(R"({"bytes":1,"comm":"a"})"));
    EXPECT_FALSE(reader.read(line)) << line;
  }
  JsonReader reader;
  ASSERT_TRUE(reader.read(R"({"time_ns":-1})"));
  EXPECT_FALSE(reader.read(R"({"time_ns":-01})"));
  EXPECT_TRUE(reader.read(R"({"time_ns":-0})"));
}

}  // namespace
}  // namespace disksnoop
