#include "program/bcc_session.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // setenv

#include <filesystem>
#include <optional>
#include <string>

#include "program/header_tree.h"
#include "program/output_capture.h"
#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSourceVariable = "BCC_KERNEL_SOURCE";
constexpr std::string_view kProgram =
    "#include <linux/blk-mq.h>\n"
    "int bytes(struct pt_regs *ctx) { return sizeof(struct request); }\n";
constexpr std::string_view kWrongProgram =
    "#include <linux/blk-mq.h>\n"
    "int bytes(struct pt_regs *ctx) { return no_such_name; }\n";

/// Compiles with a made-up header tree. No program here has a map, so that
/// libbcc asks nothing of the kernel, and this works without privileges.
class BccSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    const HeaderTree tree = make_header_tree(
        needs_of(kProgram),
        "struct pt_regs { unsigned long di; };\nstruct request { unsigned int __data_len; };\n",
        {.page_size = 4096, .kernel_version = 0x060100});
    for (const auto& [name, content] : tree) headers_.write(name, content);
    ::unsetenv(kSourceVariable);
  }
  void TearDown() override {
    ::unsetenv(kSourceVariable);
    fs::current_path(directory_);
  }

  Result<BccSession> compile(std::string_view program) {
    return BccSession::compile({program, {}, headers_.path()}, messages_);
  }

  TemporaryDirectory headers_;
  fs::path directory_ = fs::current_path();
  std::string messages_;
};

TEST_F(BccSessionTest, CompilesWithTheGivenHeaders) {
  const auto session = compile(kProgram);
  EXPECT_TRUE(session) << session.error().message << "\n" << messages_;
}

/// Where LLVM ends the process itself.
TEST_F(BccSessionTest, WithTooMuchStackTheEndTellsWhy) {
  constexpr std::string_view kLarge = "int large(void *ctx) {\n"
                                      "  char bytes[1024];\n"
                                      "  bpf_probe_read(bytes, sizeof(bytes), ctx);\n"
                                      "  return bytes[7];\n"
                                      "}\n";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(compile(kLarge) ? 0 : 2), testing::ExitedWithCode(1),
              "stack limit.*\n.*error: LLVM cannot compile the program");
}

TEST_F(BccSessionTest, PassesTheFlagsToClang) {
  constexpr std::string_view kAsserting = "_Static_assert(ANSWER == 42, \"the flag\");\n";
  EXPECT_TRUE(BccSession::compile({kAsserting, {"-DANSWER=42"}, headers_.path()}, messages_))
      << messages_;
  EXPECT_FALSE(BccSession::compile({kAsserting, {"-DANSWER=41"}, headers_.path()}, messages_));
  EXPECT_NE(messages_.find("the flag"), std::string::npos) << messages_;
}

TEST_F(BccSessionTest, WhatClangSaysIsAmongTheMessagesAndNowhereElse) {
  messages_ = "before\n";
  auto printed = OutputCapture::start();
  ASSERT_TRUE(printed);
  const auto session = compile(kWrongProgram);
  const std::string text = printed->stop();
  EXPECT_EQ(text, "");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().message, "libbcc cannot compile the program");
  EXPECT_TRUE(messages_.starts_with("before\n")) << messages_;
  EXPECT_NE(messages_.find("use of undeclared identifier 'no_such_name'"), std::string::npos)
      << messages_;
}

TEST_F(BccSessionTest, WithoutATreeItSaysSoInTheMessagesOnly) {
  auto printed = OutputCapture::start();
  ASSERT_TRUE(printed);
  const auto session =
      BccSession::compile({kProgram, {}, headers_.path() / "no/such/tree"}, messages_);
  EXPECT_EQ(printed->stop(), "");
  EXPECT_FALSE(session);
  EXPECT_NE(messages_, "");
}

TEST_F(BccSessionTest, TheEnvironmentIsAsBefore) {
  for (const std::string_view program : {kProgram, kWrongProgram}) {
    EXPECT_EQ(compile(program).has_value(), program == kProgram) << messages_;
    EXPECT_EQ(::getenv(kSourceVariable), nullptr);

    ::setenv(kSourceVariable, "/what/the/user/set", 1);
    EXPECT_EQ(compile(program).has_value(), program == kProgram) << messages_;
    EXPECT_STREQ(::getenv(kSourceVariable), "/what/the/user/set");
    ::unsetenv(kSourceVariable);
  }
}

TEST_F(BccSessionTest, WithoutATreeOfItsOwnItTakesTheUsers) {
  ::setenv(kSourceVariable, headers_.path().c_str(), 1);
  EXPECT_TRUE(BccSession::compile({kProgram, {}, std::nullopt}, messages_)) << messages_;
  EXPECT_EQ(::getenv(kSourceVariable), headers_.path());
}

TEST_F(BccSessionTest, TheWorkingDirectoryIsAsBefore) {
  const TemporaryDirectory here;
  fs::current_path(here.path());
  for (const std::string_view program : {kProgram, kWrongProgram}) {
    EXPECT_EQ(compile(program).has_value(), program == kProgram) << messages_;
    EXPECT_EQ(fs::current_path(), fs::canonical(here.path()));
  }
}

TEST_F(BccSessionTest, WorksInADirectoryOfALongName) {
  const TemporaryDirectory here;
  const fs::path deep = here.path() / std::string(200, 'a') / std::string(200, 'b');
  fs::create_directories(deep);
  fs::current_path(deep);
  EXPECT_TRUE(compile(kProgram)) << messages_;
  EXPECT_EQ(fs::current_path(), fs::canonical(deep));
}

TEST_F(BccSessionTest, AHeaderInTheWorkingDirectoryIsNotTaken) {
  const TemporaryDirectory here;
  here.write("linux/blk-mq.h", "#error from the working directory\n");
  here.write("include/linux/blk-mq.h", "#error from the working directory\n");
  fs::current_path(here.path());
  EXPECT_TRUE(compile(kProgram)) << messages_;
}

TEST_F(BccSessionTest, AMapThatTheProgramDoesNotHaveIsAnError) {
  const auto session = compile(kProgram);
  ASSERT_TRUE(session) << messages_;
  const auto map = session->map_fd("start");
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message, "the program has no map start");
}

}  // namespace
}  // namespace disksnoop
