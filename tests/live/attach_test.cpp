// Hooks on this kernel, of a plan that was made without its BTF.
#include <gtest/gtest.h>

#include "app/engine.h"
#include "block_rq_driver.h"

namespace disksnoop::testing {
namespace {

TEST(Attach, WithoutBtfTheKernelChoosesTheFunction) {
  if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  const auto plan = plan_tracepoint(std::nullopt, std::nullopt);
  ASSERT_TRUE(plan);
  Options options;
  options.headers = Headers::kBtf;  // the types are there, only the plan does not know them
  const Log log(false);
  auto program = load_program(kBlockRqProgram, {"-DSTART_ENTRIES=64", "-DRING_PAGES=8"}, *plan,
                              kernel_btf(), options, log);
  ASSERT_TRUE(program) << program.error().message;
  const auto attached = attach_hooks(*program, log);
  EXPECT_TRUE(attached) << attached.error().message;
}

}  // namespace
}  // namespace disksnoop::testing
