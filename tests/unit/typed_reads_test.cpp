#include "tracepoint/typed_reads.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake_kernel_types.h"
#include "programs.h"

namespace disksnoop {
namespace {

using Flags = std::vector<std::string>;

FakeKernelTypes kernel_6_2() {
  FakeKernelTypes types = kernel_6_1();
  types.functions = {{"bpf_rdonly_cast", 65504}};
  types.structs = {{"request", 12839}, {"bio", 1202}};
  return types;
}

class TypedReadsTest : public testing::Test {
 protected:
  void SetUp() override {
#ifndef __x86_64__
    GTEST_SKIP() << "programs read by plain loads on x86-64 only";
#endif
  }
};

TEST_F(TypedReadsTest, TellTheProgramEachStructThatItNames) {
  const auto reads = typed_reads("x = AS(request, x); y = AS(bio, AS(request, x));", kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->function, 65504U);
  EXPECT_EQ(reads->clang_flags,
            (Flags{"-DTYPED=65504", "-DTYPE_bio=1202", "-DTYPE_request=12839"}));
}

TEST_F(TypedReadsTest, OfTheProgramItselfNameARequest) {
  const std::string program = std::string(kBlockRqCommon) + std::string(kBlockRqBody);
  const auto reads = typed_reads(program, kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->clang_flags, (Flags{"-DTYPED=65504", "-DTYPE_request=12839"}));
}

TEST_F(TypedReadsTest, AreNotWhereTheKernelLacksWhatTheyNeed) {
  EXPECT_FALSE(typed_reads("AS(request, x)", kernel_6_1()));
  EXPECT_FALSE(typed_reads("AS(request, x) AS(dentry, y)", kernel_6_2()));
}

TEST_F(TypedReadsTest, TakeNoOtherNameForTheirs) {
  const auto reads = typed_reads("#define AS(type, pointer)\nHAS_AS(dentry, x)", kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->clang_flags, Flags{"-DTYPED=65504"});
}

}  // namespace
}  // namespace disksnoop
