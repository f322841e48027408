#include "app/program_headers.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv

#include "test_files.h"

namespace disksnoop {
namespace {

constexpr std::string_view kProgram = "#include <linux/blk-mq.h>\nstruct request *r;\n";

/// A kernel with neither BTF nor headers.
class ProgramHeadersTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BCC_KERNEL_SOURCE"); }
  void TearDown() override { ::unsetenv("BCC_KERNEL_SOURCE"); }

  Result<ProgramHeaders> find(Headers choice) {
    return find_headers(choice, kProgram, no_btf_, Root(directory_.path()));
  }

  TemporaryDirectory directory_;
  Result<KernelBtf> no_btf_ = fail("no BTF here");
};

TEST_F(ProgramHeadersTest, NeitherIsAnErrorWithBoth) {
  const auto headers = find(Headers::kAuto);
  ASSERT_FALSE(headers);
  EXPECT_NE(headers.error().message.find("no BTF here"), std::string::npos);
  EXPECT_NE(headers.error().message.find("linux-headers"), std::string::npos);
}

TEST_F(ProgramHeadersTest, AChoiceThatCannotBeHadIsNotReplaced) {
  directory_.write("/sys/kernel/kheaders.tar.xz", "");
  const auto from_btf = find(Headers::kBtf);
  ASSERT_FALSE(from_btf);
  EXPECT_EQ(from_btf.error().message, "no BTF here");
}

TEST_F(ProgramHeadersTest, WithoutBtfTheInstalledOnesAreTaken) {
  directory_.write("/sys/kernel/kheaders.tar.xz", "");
  for (const Headers choice : {Headers::kAuto, Headers::kKernel}) {
    const auto headers = find(choice);
    ASSERT_TRUE(headers) << headers.error().message;
    EXPECT_EQ(headers->kernel_source(), std::nullopt);
    EXPECT_EQ(headers->description, "the installed kernel headers");
  }
}

TEST_F(ProgramHeadersTest, TheTreeThatTheUserNamesComesFirst) {
  directory_.write("/tree/include/linux/kconfig.h", "");
  ::setenv("BCC_KERNEL_SOURCE", (directory_.path() / "tree").c_str(), 1);
  const auto headers = find(Headers::kAuto);
  ASSERT_TRUE(headers) << headers.error().message;
  EXPECT_NE(headers->description.find("BCC_KERNEL_SOURCE"), std::string::npos);
}

}  // namespace
}  // namespace disksnoop
