#include "program/program_headers.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv
#include <sys/utsname.h>

#include "test_files.h"

namespace disksnoop {
namespace {

constexpr std::string_view kProgram = "#include <linux/blk-mq.h>\nstruct request *r;\n";

/// A kernel with neither BTF nor headers.
class ProgramHeadersTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("BCC_KERNEL_SOURCE"); }
  void TearDown() override { ::unsetenv("BCC_KERNEL_SOURCE"); }

  void install_headers() {
    utsname kernel = {};
    ::uname(&kernel);
    directory_.write(
        std::string("/lib/modules/") + kernel.release + "/build/include/linux/kconfig.h", "");
  }
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
  install_headers();
  const auto from_btf = find(Headers::kBtf);
  ASSERT_FALSE(from_btf);
  EXPECT_EQ(from_btf.error().message, "no BTF here");
}

TEST_F(ProgramHeadersTest, WithoutBtfTheInstalledOnesAreTaken) {
  install_headers();
  for (const Headers choice : {Headers::kAuto, Headers::kKernel}) {
    const auto headers = find(choice);
    ASSERT_TRUE(headers) << headers.error().message;
    EXPECT_EQ(headers->source_of("").kernel_source, std::nullopt);
    EXPECT_TRUE(headers->source_of("").clang_flags.empty());
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

/// The types of a real kernel, of another machine.
Result<KernelBtf> recorded_btf() {
  return KernelBtf::load(DISKSNOOP_TEST_DATA "/btf/6.1.0-50-arm64.btf");
}

/// What clang finds under a name, by the description that it is given.
Result<std::string> content_of(const std::string& name, const ProgramHeaders& headers) {
  const std::vector<std::string> flags = headers.source_of("").clang_flags;
  const auto overlay = flags.size() < 2 ? fail("no overlay") : read_file(flags[1]);
  if (!overlay) return overlay;
  const std::string key = name + R"(", "external-contents": ")";
  const std::size_t at = overlay->find(key);
  if (at == std::string::npos) return fail("no " + name + " in " + *overlay);
  const std::size_t begin = at + key.size();
  return read_file(overlay->substr(begin, overlay->find('"', begin) - begin));
}

TEST_F(ProgramHeadersTest, WithBtfTheyAreMade) {
  const auto btf = recorded_btf();
  ASSERT_TRUE(btf) << btf.error().message;
  install_headers();
  for (const Headers choice : {Headers::kAuto, Headers::kBtf}) {
    const auto headers = find_headers(choice, kProgram, btf, Root(directory_.path()));
    ASSERT_TRUE(headers) << headers.error().message;
    ASSERT_TRUE(headers->made);
    EXPECT_EQ(describe_headers(choice, kProgram, btf, Root(directory_.path())),
              headers->description);
    EXPECT_EQ(headers->source_of("").kernel_source, headers->made->kernel_source());
    const auto types = content_of("include/disksnoop_types.h", *headers);
    ASSERT_TRUE(types);
    EXPECT_NE(types->find("\nstruct request {"), std::string::npos) << *types;
    EXPECT_EQ(types->find("\nstruct gendisk {"), std::string::npos) << "nobody asked for it";
  }
}

TEST_F(ProgramHeadersTest, OnlyTheChoiceOfBtfPassesOverTheTreeThatTheUserNames) {
  const auto btf = recorded_btf();
  ASSERT_TRUE(btf) << btf.error().message;
  ::setenv("BCC_KERNEL_SOURCE", "/no/such/tree", 1);
  const auto made = find_headers(Headers::kBtf, kProgram, btf, Root(directory_.path()));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->made);
  for (const Headers choice : {Headers::kAuto, Headers::kKernel}) {
    const auto headers = find_headers(choice, kProgram, btf, Root(directory_.path()));
    ASSERT_FALSE(headers);
    EXPECT_NE(headers.error().message.find("BCC_KERNEL_SOURCE is /no/such/tree"),
              std::string::npos);
  }
}

TEST_F(ProgramHeadersTest, BtfWithoutTheStructIsAnError) {
  const auto btf = recorded_btf();
  ASSERT_TRUE(btf) << btf.error().message;
  const auto headers = find_headers(Headers::kAuto, "struct no_such *n;", btf, Root());
  ASSERT_FALSE(headers);
  EXPECT_EQ(headers.error().message, "the kernel's BTF has no struct no_such");
}

}  // namespace
}  // namespace disksnoop
