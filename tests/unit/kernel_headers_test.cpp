#include "kernel/kernel_headers.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv
#include <sys/utsname.h>

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

TEST_F(KernelHeaders, NoneAreAnErrorThatNamesThePackage) {
  const auto found = check_kernel_headers(root);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("apt-get install linux-headers-" + release()),
            std::string::npos);
  EXPECT_EQ(found.error().message.find('\n'), std::string::npos);
}

TEST_F(KernelHeaders, OfTheRunningKernelInBuildOrSource) {
  for (const std::string place : {"build", "source"}) {
    const TemporaryDirectory tree;
    tree.write("/lib/modules/" + release() + "/" + place + "/include/linux/kconfig.h", "");
    EXPECT_TRUE(check_kernel_headers(Root(tree.path()))) << place;
  }
}

TEST_F(KernelHeaders, OfAnotherKernelDoNotCount) {
  directory.write("/lib/modules/1.2.3/build/include/linux/kconfig.h", "");
  EXPECT_FALSE(check_kernel_headers(root));
}

TEST_F(KernelHeaders, PackedInTheKernelDoNotCount) {
  directory.write("/sys/kernel/kheaders.tar.xz", "");
  EXPECT_FALSE(check_kernel_headers(root));
}

TEST_F(KernelHeaders, WhereTheEnvironmentSays) {
  directory.write("/tree/include/linux/kconfig.h", "");
  ::setenv("BCC_KERNEL_SOURCE", (directory.path() / "tree").c_str(), 1);
  EXPECT_TRUE(check_kernel_headers(root));

  directory.write("/lib/modules/" + release() + "/build/include/linux/kconfig.h", "");
  ::setenv("BCC_KERNEL_SOURCE", "/no/such/tree", 1);
  const auto found = check_kernel_headers(root);
  ASSERT_FALSE(found) << "libbcc looks nowhere else then";
  EXPECT_NE(found.error().message.find("BCC_KERNEL_SOURCE is /no/such/tree"), std::string::npos);
}

}  // namespace
}  // namespace disksnoop
