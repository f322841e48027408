#include "render/check_table.h"

#include <gtest/gtest.h>

#include <string>

#include "render/check_json.h"

namespace disksnoop {
namespace {

CheckReport report() {
  CheckReport report;
  report.findings = {{"kernel", Mark::kOk, "6.1", ""},
                     {"tracefs", Mark::kMissing, "not mounted", "mount it"},
                     {"trace_pipe", Mark::kWarn, "a\nb\x1b[2J reads it", ""},
                     {"x", Mark::kUnknown, "not seen", ""}};
  report.columns = {{"time", std::nullopt}, {"file", "no BTF"}};
  report.devices = {{"dm-0", false, {"sda"}}};
  report.engine = "tracepoint";
  report.command = "disksnoop";
  return report;
}

TEST(CheckTable, ALineForEachFindingAndItsWayOut) {
  std::string text;
  append_check_table(text, report());
  EXPECT_EQ(text, "ok    kernel      6.1\n"
                  "no    tracefs     not mounted\n"
                  "                  -> mount it\n"
                  "warn  trace_pipe  a\\x0ab\\x1b[2J reads it\n"
                  "-     x           not seen\n"
                  "\n"
                  "use: disksnoop\n");
}

TEST(CheckTable, WithoutACommandThereIsNoneToUse) {
  CheckReport none = report();
  none.command.reset();
  std::string text;
  append_check_table(text, none);
  EXPECT_TRUE(text.ends_with("\nuse: -\n")) << text;
}

TEST(CheckJson, IsOneObjectInOneLine) {
  std::string text;
  append_check_json(text, report());
  EXPECT_EQ(
      text,
      R"({"works":true,"engine":"tracepoint","command":"disksnoop","findings":[)"
      R"({"subject":"kernel","mark":"ok","fact":"6.1","way_out":null},)"
      R"({"subject":"tracefs","mark":"missing","fact":"not mounted","way_out":"mount it"},)"
      R"({"subject":"trace_pipe","mark":"warn","fact":"a\nb\u001b[2J reads it","way_out":null},)"
      R"({"subject":"x","mark":null,"fact":"not seen","way_out":null}],)"
      R"("columns":[{"name":"time","missing":null},{"name":"file","missing":"no BTF"}],)"
      R"("devices":[{"name":"dm-0","has_requests":false,"below":["sda"]}]})"
      "\n");
}

TEST(CheckJson, WhatDoesNotWorkHasNoEngine) {
  CheckReport none = report();
  none.engine.reset();
  none.command.reset();
  std::string text;
  append_check_json(text, none);
  EXPECT_TRUE(text.starts_with(R"({"works":false,"engine":null,"command":null,)")) << text;
}

}  // namespace
}  // namespace disksnoop
