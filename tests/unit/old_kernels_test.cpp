// What is decided on kernels that no guest has, by what their sources say.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake_kernel_types.h"
#include "original/original_plan.h"
#include "test_files.h"
#include "tracepoint/program_config.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop {
namespace {

using Names = std::vector<std::string>;

Names functions_of(const std::vector<Hook>& hooks) {
  Names names;
  for (const Hook& hook : hooks) names.push_back(hook.function);
  return names;
}

/// Both have this function in another file than its caller's, so that it is not inlined, and
/// look as 5.10 does.
TEST(OldKernels, TheOriginalAttachesToRhel8AndUbuntu2004) {
  const auto plan =
      plan_original({true,
                     {"0 T blk_mq_start_request\n0 T blk_mq_end_request\n0 T blk_account_io_done\n"
                      "0 t blk_account_io_completion\n0 T blk_account_io_start\n",
                      "", "blk_mq_start_request\nblk_mq_end_request\nblk_account_io_done\n"}});
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->hooks.size(), 2U);
  EXPECT_EQ(plan->hooks[0].target, "blk_mq_start_request");
  EXPECT_EQ(plan->hooks[1].target, "blk_account_io_done");
  EXPECT_EQ(plan->unlike_original, "");
}

TEST(OldKernels, Rhel8HasAllColumns) {
  const FakeKernelTypes types = kernel_rhel_8();
  const auto config = configure_program(
      *parse_columns("queue,sector,pattern,pid,comm,cgroup,file,disk,partition,error"),
      {&types, true, {}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->warnings.empty());
  EXPECT_EQ(functions_of(config->hooks), Names{"trace_getrq_q"});
  EXPECT_EQ(config->errors, ErrorNumbers::kErrno);
  for (const std::string macro :
       {"#define HAVE_RQ_DISK\n", "#define PARTITION_NUMBER partno\n",
        "#define KERNFS_PARENT parent\n", "#define BIO_DEVICE bi_disk\n",
        "#define BDEV_MOUNTED bd_super\n", "#define PAGE_HEAD compound_head\n"}) {
    EXPECT_TRUE(config->text.contains(macro)) << macro;
  }
  const auto plan = plan_tracepoint(types.raw_tracepoint_arguments("block_rq_issue"),
                                    types.raw_tracepoint_arguments("block_rq_requeue"));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(functions_of(plan->hooks), (Names{"trace_completion", "trace_requeue", "trace_start"}));
}

TEST(OldKernels, Rhel8HasDevicesWithoutRequests) {
  const FakeKernelTypes types = kernel_rhel_8();
  const Columns columns = *parse_columns("pid,file,disk,partition,error");
  const auto config = configure_program(columns, {&types, true, {.bios = true}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->warnings.empty());
  EXPECT_EQ(functions_of(config->hooks),
            (Names{"trace_getrq_q", "trace_bio_completion", "trace_bio_queue_q"}));
  EXPECT_FALSE(config->text.contains("#define BIO_BDEV"));
  EXPECT_FALSE(configure_program(columns, {&types, true, {.bios = true, .partitions = true}}));
}

/// Its kernel has no BTF: the tracepoints' arguments are tried, and what BTF alone tells is not.
TEST(OldKernels, Ubuntu2004HasWhatNeedsNoBtf) {
  const auto plan = plan_tracepoint(std::nullopt, std::nullopt);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(functions_of(plan->hooks),
            (Names{"trace_completion", "trace_requeue_q", "trace_start_q"}));
  const auto config = configure_program(*parse_columns("time,type,bytes,latency,op,queue,sector"),
                                        {nullptr, true, {}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->warnings.empty());
  EXPECT_FALSE(configure_program(*parse_columns("time"), {nullptr, true, {.disk_condition = "1"}}));
  EXPECT_FALSE(configure_program(*parse_columns("time"), {nullptr, true, {.bios = true}}));
}

}  // namespace
}  // namespace disksnoop
