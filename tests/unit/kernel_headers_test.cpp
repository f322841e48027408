#include "program/kernel_headers.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv
#include <sys/utsname.h>

#include <filesystem>
#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

std::string release() {
  utsname kernel = {};
  ::uname(&kernel);
  return kernel.release;
}

class KernelHeaders : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BCC_KERNEL_SOURCE"); }
  void TearDown() override { ::unsetenv("BCC_KERNEL_SOURCE"); }

  TemporaryDirectory directory;
  Root root{directory.path()};
};

TEST_F(KernelHeaders, ARelativeSourceIsMadeAbsolute) {
  directory.write("/here/tree/include/linux/kconfig.h", "");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path() / "here");
  ::setenv("BCC_KERNEL_SOURCE", "tree", 1);
  settle_kernel_source();
  // As libbcc does, after it has changed directory.
  std::filesystem::current_path("/");
  EXPECT_TRUE(find_kernel_headers(root));
  EXPECT_EQ(::getenv("BCC_KERNEL_SOURCE"), (directory.path() / "here/tree").string());
  std::filesystem::current_path(before);
}

TEST_F(KernelHeaders, AnEmptySourceIsNone) {
  ::setenv("BCC_KERNEL_SOURCE", "", 1);
  settle_kernel_source();
  EXPECT_EQ(::getenv("BCC_KERNEL_SOURCE"), nullptr);
}

TEST_F(KernelHeaders, AnAbsoluteSourceStaysAsItIs) {
  ::setenv("BCC_KERNEL_SOURCE", "/a/../tree/", 1);
  settle_kernel_source();
  EXPECT_STREQ(::getenv("BCC_KERNEL_SOURCE"), "/a/../tree/");
}

TEST_F(KernelHeaders, NoneAreAnErrorThatNamesThePackage) {
  const auto found = find_kernel_headers(root);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("apt-get install linux-headers-" + release()),
            std::string::npos);
  EXPECT_EQ(found.error().message.find('\n'), std::string::npos);
}

TEST_F(KernelHeaders, OfTheRunningKernelInBuildOrSource) {
  for (const std::string place : {"build", "source"}) {
    const TemporaryDirectory tree;
    tree.write("/lib/modules/" + release() + "/" + place + "/include/linux/kconfig.h", "");
    EXPECT_EQ(find_kernel_headers(Root(tree.path())),
              tree.path() / "lib/modules" / release() / place);
  }
}

TEST_F(KernelHeaders, OfAnotherKernelDoNotCount) {
  directory.write("/lib/modules/1.2.3/build/include/linux/kconfig.h", "");
  EXPECT_FALSE(find_kernel_headers(root));
}

TEST_F(KernelHeaders, PackedInTheKernelDoNotCount) {
  directory.write("/sys/kernel/kheaders.tar.xz", "");
  EXPECT_FALSE(find_kernel_headers(root));
}

TEST_F(KernelHeaders, WhereTheEnvironmentSays) {
  directory.write("/tree/include/linux/kconfig.h", "");
  ::setenv("BCC_KERNEL_SOURCE", (directory.path() / "tree").c_str(), 1);
  EXPECT_TRUE(find_kernel_headers(root));

  directory.write("/lib/modules/" + release() + "/build/include/linux/kconfig.h", "");
  ::setenv("BCC_KERNEL_SOURCE", "/no/such/tree", 1);
  const auto found = find_kernel_headers(root);
  ASSERT_FALSE(found) << "libbcc looks nowhere else then";
  EXPECT_NE(found.error().message.find("BCC_KERNEL_SOURCE is /no/such/tree"), std::string::npos);
}

}  // namespace
}  // namespace disksnoop
