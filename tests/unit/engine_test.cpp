// What the user is told of a plan, and of a program that is compiled.
#include "app/engine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/engine_choice.h"
#include "original/original_plan.h"
#include "program/output_capture.h"
#include "test_files.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop {
namespace {

const TracepointArguments kArguments = std::vector<std::string>{"request"};

std::string told(const ProbePlan& plan, bool verbose) {
  testing::internal::CaptureStderr();
  tell_plan(plan, Log(verbose));
  return testing::internal::GetCapturedStderr();
}

TEST(TellPlan, ThatTheOriginalProgramSeesNoSizes) {
  const auto plan = plan_original({true, kernel_symbol_files("5.10.0-32-amd64")});
  ASSERT_TRUE(plan);
  const std::string text = told(*plan, false);
  EXPECT_TRUE(text.starts_with("disksnoop: warning: blk_account_io_done runs after the kernel has "
                               "cleared the size: BYTES is 0 and a read is shown as M"))
      << text;
  EXPECT_TRUE(text.ends_with("--engine=tracepoint shows the truth\n")) << text;
}

TEST(TellPlan, WhyTheTracepointEngineIsTaken) {
  const auto plan = choose_plan(plan_original({true, kernel_symbol_files("6.1.0-50-amd64")}),
                                plan_tracepoint(kArguments, kArguments));
  ASSERT_TRUE(plan);
  EXPECT_TRUE(
      told(*plan, false)
          .starts_with("disksnoop: engine tracepoint, as disksnoop.py could not trace here: "
                       "__blk_account_io_done "));
}

TEST(TellPlan, HooksAndWhatDecidedOnlyWhenAsked) {
  const auto plan = plan_tracepoint(kArguments, kArguments);
  ASSERT_TRUE(plan);
  EXPECT_EQ(told(*plan, false), "");
  EXPECT_NE(told(*plan, true).find("raw tracepoint block_rq_issue runs trace_start"),
            std::string::npos);
}

TEST(TellPlan, WhatDecidedIsANoteOfThePlan) {
  ProbePlan plan;
  plan.notes = {"blk_start_request is not there"};
  EXPECT_EQ(told(plan, false), "");
  EXPECT_EQ(told(plan, true), "disksnoop: blk_start_request is not there\n");
}

TEST(Log, TextOfOthersIsEscaped) {
  testing::internal::CaptureStderr();
  Log(true).foreign_text("a\033[2Jb\n");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find('\033'), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("a") && text.ends_with("b\n")) << text;
}

/// Starts a program without hooks or maps, which asks nothing of the kernel, and
/// gives what is told on stderr. Its types are those of another machine.
struct Started {
  explicit Started(std::string_view program, bool verbose) {
    const auto btf = KernelBtf::load(DISKSNOOP_TEST_DATA "/btf/6.1.0-50-arm64.btf");
    Options options;
    options.headers = Headers::kBtf;
    auto capture = OutputCapture::start();
    const Log log(verbose);
    std::string messages;
    const auto session = load_program({program}, ProbePlan(), btf, options, log, messages);
    tell_messages(session.has_value(), messages, log);
    told = capture->stop();
    well = session.has_value();
  }
  bool tells(std::string_view text) const { return told.find(text) != std::string::npos; }

  std::string told;
  bool well = false;
};

constexpr std::string_view kNoisyProgram = "#warning some noise\n"
                                           "int program(void *context) { return 0; }\n";
constexpr std::string_view kWrongProgram = "int program(void *context) { return no_such_name; }\n";

TEST(LoadProgram, WhatTheCompilerSaysIsNotToldWhenAllIsWell) {
  const Started started(kNoisyProgram, false);
  EXPECT_TRUE(started.well);
  EXPECT_EQ(started.told, "");
}

TEST(LoadProgram, VerboseItIs) {
  const Started started(kNoisyProgram, true);
  EXPECT_TRUE(started.well);
  EXPECT_TRUE(started.tells("some noise")) << started.told;
}

TEST(LoadProgram, TheCauseOfAFailureIsToldAlways) {
  for (const bool verbose : {false, true}) {
    const Started started(kWrongProgram, verbose);
    EXPECT_FALSE(started.well);
    EXPECT_TRUE(started.tells("use of undeclared identifier 'no_such_name'")) << started.told;
  }
}

}  // namespace
}  // namespace disksnoop
