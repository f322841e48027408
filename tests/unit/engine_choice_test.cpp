// The tracepoint engine's plan, and which engine is taken.
#include "app/engine_choice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "original/original_plan.h"
#include "test_files.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop {
namespace {

using Arguments = std::vector<std::string>;

TEST(TracepointPlan, WatchesCompletionsBeforeIssues) {
  const auto plan = plan_tracepoint(Arguments{"request"}, Arguments{"request"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->engine, Engine::kTracepoint);
  ASSERT_EQ(plan->hooks.size(), 3U);
  EXPECT_EQ(plan->hooks[0].target, "block_rq_complete");
  EXPECT_EQ(plan->hooks[0].function, "trace_completion");
  EXPECT_EQ(plan->hooks[1].target, "block_rq_requeue");
  EXPECT_EQ(plan->hooks[1].function, "trace_requeue");
  EXPECT_EQ(plan->hooks[2].target, "block_rq_issue");
  for (const Hook& hook : plan->hooks) {
    EXPECT_EQ(hook.kind, HookKind::kRawTracepoint);
    EXPECT_FALSE(hook.reason.empty());
  }
  EXPECT_TRUE(plan->warnings.empty());
}

TEST(TracepointPlan, TheFunctionDependsOnTheArguments) {
  const Arguments with_queue = {"request_queue", "request"};
  const auto plan = plan_tracepoint(Arguments{"request"}, with_queue);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->hooks[1].function, "trace_requeue_q");
  EXPECT_EQ(plan->hooks[2].function, "trace_start");
  const auto other = plan_tracepoint(with_queue, Arguments{"request"});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->hooks[1].function, "trace_requeue");
  EXPECT_EQ(other->hooks[2].function, "trace_start_q");
  for (const Hook& hook : plan->hooks) EXPECT_EQ(hook.other_function, "");
}

TEST(TracepointPlan, WithoutBtfTheKernelIsAsked) {
  const auto plan = plan_tracepoint(std::nullopt, std::nullopt);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->hooks[1].function, "trace_requeue_q");
  EXPECT_EQ(plan->hooks[1].other_function, "trace_requeue");
  EXPECT_EQ(plan->hooks[2].function, "trace_start_q");
  EXPECT_EQ(plan->hooks[2].other_function, "trace_start");
}

TEST(TracepointPlan, AnUnknownPrototypeIsAnError) {
  for (const Arguments& arguments :
       {Arguments{}, Arguments{"bio"}, Arguments{"request", "bio"}, Arguments{"", "", "request"}}) {
    const auto plan = plan_tracepoint(arguments, Arguments{"request"});
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find("block_rq_issue"), std::string::npos);
    const auto other = plan_tracepoint(Arguments{"request"}, arguments);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("block_rq_requeue"), std::string::npos);
  }
}

TEST(EngineChoice, OriginalWhereDisksnoopPyCanAttach) {
  const auto plan = choose_plan(plan_original({true, kernel_symbol_files("5.10.0-32-amd64")}),
                                plan_tracepoint(Arguments{"request"}, Arguments{"request"}));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->engine, Engine::kOriginal);
  EXPECT_TRUE(plan->infos.empty());
}

TEST(EngineChoice, TracepointElsewhereWithTheReason) {
  for (const std::string release : {"6.1.0-50-amd64", "6.12.107+deb13-amd64"}) {
    const auto plan = choose_plan(plan_original({true, kernel_symbol_files(release)}),
                                  plan_tracepoint(Arguments{"request"}, Arguments{"request"}));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->engine, Engine::kTracepoint) << release;
    ASSERT_EQ(plan->infos.size(), 1U);
    EXPECT_NE(plan->infos[0].find("blk_account_io_done is not in available_filter_functions"),
              std::string::npos);
    EXPECT_TRUE(plan->warnings.empty()) << "those are of the other engine";
  }
}

TEST(EngineChoice, TracepointWhereTheFactsCannotBeHad) {
  const auto plan =
      choose_plan(fail("tracefs is not mounted"), plan_tracepoint(std::nullopt, std::nullopt));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->engine, Engine::kTracepoint);
  ASSERT_EQ(plan->infos.size(), 1U);
  EXPECT_NE(plan->infos[0].find("tracefs is not mounted"), std::string::npos);
}

TEST(EngineChoice, AnErrorWhereNeitherCan) {
  const auto plan = choose_plan(fail("no kprobes"), plan_tracepoint(Arguments{}, Arguments{}));
  EXPECT_FALSE(plan);
}

}  // namespace
}  // namespace disksnoop
