#include "original/original_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

/// Target and function of each hook, in the order in which they are attached.
Names hooks_of(const ProbePlan& plan) {
  Names names;
  for (const Hook& hook : plan.hooks) names.emplace_back(hook.target, hook.function);
  return names;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool one_contains(const std::vector<std::string>& texts, std::string_view part) {
  for (const std::string& text : texts) {
    if (contains(text, part)) return true;
  }
  return false;
}

Result<ProbePlan> plan_for(const std::string& kallsyms) {
  return plan_original({true, {kallsyms, "", no_file("available_filter_functions")}});
}

TEST(ProbePlan, Debian11IsProbedAsByTheOriginal) {
  const auto plan = plan_original({true, kernel_symbol_files("5.10.0-32-amd64")});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->engine, Engine::kOriginal);
  EXPECT_EQ(hooks_of(*plan), (Names{{"blk_mq_start_request", "trace_start"},
                                    {"blk_account_io_done", "trace_completion"}}));
  for (const Hook& hook : plan->hooks) {
    EXPECT_EQ(hook.kind, HookKind::kKprobe);
    EXPECT_FALSE(hook.reason.empty());
  }
  ASSERT_EQ(plan->warnings.size(), 1U);
  EXPECT_TRUE(contains(plan->warnings[0], "blk_account_io_done"));
  EXPECT_TRUE(contains(plan->warnings[0], "BYTES"));
  EXPECT_TRUE(contains(plan->warnings[0], "--engine=tracepoint"));
  EXPECT_EQ(plan->unlike_original, "");
  EXPECT_TRUE(one_contains(plan->notes, "blk_start_request is not in /proc/kallsyms"));
  EXPECT_TRUE(one_contains(plan->notes, "__blk_account_io_done is not in /proc/kallsyms"));
}

TEST(ProbePlan, LaterKernelsFallBackAndSayWhatIsMissed) {
  for (const std::string release : {"6.1.0-50-amd64", "6.12.107+deb13-amd64"}) {
    const auto plan = plan_original({true, kernel_symbol_files(release)});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(hooks_of(*plan), (Names{{"blk_mq_start_request", "trace_start"},
                                      {"blk_mq_end_request", "trace_completion"}}));
    ASSERT_EQ(plan->warnings.size(), 1U) << release;
    EXPECT_TRUE(contains(plan->warnings[0], "blk_mq_end_request"));
    EXPECT_TRUE(contains(plan->warnings[0], "NVMe"));
    EXPECT_TRUE(contains(plan->warnings[0], "SCSI"));
    EXPECT_TRUE(contains(plan->unlike_original,
                         ", blk_account_io_done is not in available_filter_functions"));
    EXPECT_TRUE(
        one_contains(plan->notes, "blk_account_io_done is not in available_filter_functions"))
        << release;
  }
}

TEST(ProbePlan, OldKernelsHaveTwoStartsAndTheFirstCompletion) {
  const auto plan =
      plan_for("0 T blk_start_request\n0 T blk_mq_start_request\n0 T __blk_account_io_done\n"
               "0 T blk_account_io_done\n0 T blk_mq_end_request\n");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(hooks_of(*plan), (Names{{"blk_start_request", "trace_start"},
                                    {"blk_mq_start_request", "trace_start"},
                                    {"__blk_account_io_done", "trace_completion"}}));
  ASSERT_EQ(plan->warnings.size(), 1U);
  EXPECT_TRUE(contains(plan->warnings[0], "__blk_account_io_done"));
}

TEST(ProbePlan, ABlacklistedCompletionIsPassedOver) {
  const std::string kallsyms =
      "0 T blk_mq_start_request\n0 T blk_account_io_done\n0 T blk_mq_end_request\n";
  const auto plan =
      plan_original({true, {kallsyms, "0x0-0x1\tblk_account_io_done\n", no_file("functions")}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->hooks.back().target, "blk_mq_end_request");
  EXPECT_TRUE(one_contains(plan->notes, "blk_account_io_done is in kprobes/blacklist"));
}

TEST(ProbePlan, FilesThatCannotBeReadAreNoted) {
  const std::string kallsyms = "0 T blk_mq_start_request\n0 T blk_account_io_done\n";
  const std::string functions = "blk_mq_start_request\nblk_account_io_done\n";

  const auto complete = plan_original({true, {kallsyms, "", functions}});
  ASSERT_TRUE(complete);
  EXPECT_FALSE(one_contains(complete->notes, "cannot read"));

  const auto no_kallsyms = plan_original({true, {no_file("/proc/kallsyms"), "", functions}});
  ASSERT_TRUE(no_kallsyms) << no_kallsyms.error().message;
  EXPECT_TRUE(one_contains(no_kallsyms->notes, "cannot read /proc/kallsyms"));
  EXPECT_EQ(no_kallsyms->hooks.back().target, "blk_account_io_done");

  const auto no_blacklist = plan_original({true, {kallsyms, no_file("blacklist"), functions}});
  ASSERT_TRUE(no_blacklist);
  EXPECT_TRUE(one_contains(no_blacklist->notes, "cannot read blacklist"));

  const auto no_functions = plan_original({true, {kallsyms, "", no_file("functions")}});
  ASSERT_TRUE(no_functions);
  EXPECT_TRUE(one_contains(no_functions->notes, "cannot read functions"));
  EXPECT_TRUE(one_contains(no_functions->notes, "may be inlined"));
}

TEST(ProbePlan, NothingReadableIsAnErrorThatNamesTheFiles) {
  const auto plan =
      plan_original({true, {no_file("/proc/kallsyms"), no_file("b"), no_file("functions")}});
  ASSERT_FALSE(plan);
  EXPECT_TRUE(contains(plan.error().message, "cannot read /proc/kallsyms"));
  EXPECT_TRUE(contains(plan.error().message, "cannot read functions"));
}

TEST(ProbePlan, AKernelWithoutKprobesIsAnError) {
  const auto plan = plan_original({false, kernel_symbol_files("5.10.0-32-amd64")});
  ASSERT_FALSE(plan);
  EXPECT_TRUE(contains(plan.error().message, "CONFIG_KPROBES"));
}

TEST(ProbePlan, NoStartIsAnErrorWithEachSymbolAndWhy) {
  const auto plan = plan_for("0 d blk_mq_start_request\n0 T blk_account_io_done\n");
  ASSERT_FALSE(plan);
  EXPECT_TRUE(contains(plan.error().message, "blk_start_request is not in /proc/kallsyms"));
  EXPECT_TRUE(contains(plan.error().message, "blk_mq_start_request is not a function"));
  EXPECT_FALSE(contains(plan.error().message, "\n"));
}

TEST(ProbePlan, TheLegacyStartAloneIsNotEnough) {
  const auto plan = plan_for("0 T blk_start_request\n0 T blk_account_io_done\n");
  ASSERT_FALSE(plan) << "disksnoop.py always attaches to blk_mq_start_request";
  EXPECT_TRUE(contains(plan.error().message, "blk_mq_start_request is not in /proc/kallsyms"));
}

TEST(ProbePlan, NoCompletionIsAnErrorWithEachSymbolAndWhy) {
  const auto plan = plan_original(
      {true,
       {"0 T blk_mq_start_request\n0 t blk_account_io_done\n0 T blk_mq_end_request\n",
        "0x0-0x1\tblk_mq_end_request\n", "blk_mq_start_request\nblk_mq_end_request\n"}});
  ASSERT_FALSE(plan);
  EXPECT_TRUE(contains(plan.error().message, "__blk_account_io_done is not in /proc/kallsyms"));
  EXPECT_TRUE(
      contains(plan.error().message, ", blk_account_io_done is not in available_filter_functions"));
  EXPECT_TRUE(contains(plan.error().message, "blk_mq_end_request is in kprobes/blacklist"));
  EXPECT_FALSE(contains(plan.error().message, "\n"));
}

TEST(ProbePlan, EnginesHaveTheNamesOfTheCommandLine) {
  EXPECT_EQ(name_of(Engine::kOriginal), "original");
  EXPECT_EQ(name_of(Engine::kTracepoint), "tracepoint");
}

}  // namespace
}  // namespace disksnoop
