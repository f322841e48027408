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

TEST(TypedReads, TellTheProgramEachStructThatItNames) {
  const auto reads = typed_reads("x = AS(request, x); y = AS(bio, AS(request, x));", kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->function, 65504U);
  EXPECT_EQ(reads->clang_flags,
            (Flags{"-DTYPED=65504", "-DTYPE_bio=1202", "-DTYPE_request=12839"}));
}

TEST(TypedReads, OfTheProgramItselfNameARequest) {
  const std::string program = std::string(kBlockRqCommon) + std::string(kBlockRqBody);
  const auto reads = typed_reads(program, kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->clang_flags, (Flags{"-DTYPED=65504", "-DTYPE_request=12839"}));
}

TEST(TypedReads, AreNotWhereTheKernelLacksWhatTheyNeed) {
  EXPECT_FALSE(typed_reads("AS(request, x)", kernel_6_1()));
  EXPECT_FALSE(typed_reads("AS(request, x) AS(dentry, y)", kernel_6_2()));
}

TEST(TypedReads, TakeNoOtherNameForTheirs) {
  const auto reads = typed_reads("#define AS(type, pointer)\nHAS_AS(dentry, x)", kernel_6_2());
  ASSERT_TRUE(reads);
  EXPECT_EQ(reads->clang_flags, Flags{"-DTYPED=65504"});
}

}  // namespace
}  // namespace disksnoop
