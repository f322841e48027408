// What the user is told of a plan.
#include "app/engine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

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
                                plan_tracepoint(std::vector<std::string>{"request"}));
  ASSERT_TRUE(plan);
  EXPECT_TRUE(
      told(*plan, false)
          .starts_with("disksnoop: engine tracepoint, as disksnoop.py could not trace here: "
                       "__blk_account_io_done "));
}

TEST(TellPlan, HooksAndWhatDecidedOnlyWhenAsked) {
  const auto plan = plan_tracepoint(std::vector<std::string>{"request"});
  ASSERT_TRUE(plan);
  EXPECT_EQ(told(*plan, false), "");
  EXPECT_NE(told(*plan, true).find("raw tracepoint block_rq_issue runs trace_start"),
            std::string::npos);
}

}  // namespace
}  // namespace disksnoop
