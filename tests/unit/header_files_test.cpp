#include "program/header_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "program/bcc_session.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram =
    "#include <linux/blk-mq.h>\n"
    "int bytes(struct pt_regs *ctx) { return sizeof(struct request); }\n";

HeaderTree tree() {
  return make_header_tree(
      needs_of(kProgram),
      "struct pt_regs { unsigned long di; };\nstruct request { unsigned int __data_len; };\n",
      {.page_size = 4096, .kernel_version = 0x060100});
}

Result<BccSession> compile(const HeaderFiles& headers, std::string& messages) {
  return BccSession::compile({kProgram, headers.clang_flags(), headers.kernel_source()}, messages);
}

TEST(HeaderFiles, AreCompiledWith) {
  const auto headers = HeaderFiles::create(tree());
  ASSERT_TRUE(headers) << headers.error().message;
  std::string messages;
  EXPECT_TRUE(compile(*headers, messages)) << messages;
}

TEST(HeaderFiles, WhatOthersWriteIntoTheDirectoryIsNot) {
  const auto headers = HeaderFiles::create(tree());
  ASSERT_TRUE(headers) << headers.error().message;
  for (const std::string directory : {"include", "arch/x86/include", "arch/arm64/include", "."}) {
    for (const auto& [name, content] : tree()) {
      const fs::path below = fs::path(name).lexically_relative("include");
      const fs::path file = headers->kernel_source() / directory / below;
      fs::create_directories(file.parent_path());
      std::ofstream(file) << "#error from the directory\n";
    }
  }
  std::string messages;
  EXPECT_TRUE(compile(*headers, messages)) << messages;
}

TEST(HeaderFiles, AHeaderThatWasNotMadeIsNotTakenFromAnywhere) {
  HeaderTree without = tree();
  ASSERT_EQ(without.erase("include/linux/log2.h"), 1U);
  const auto headers = HeaderFiles::create(without);
  ASSERT_TRUE(headers) << headers.error().message;
  const fs::path file = headers->kernel_source() / "include/linux/log2.h";
  std::ofstream(file) << "";
  std::string messages;
  EXPECT_FALSE(compile(*headers, messages));
  EXPECT_NE(messages.find("log2.h"), std::string::npos) << messages;
}

}  // namespace
}  // namespace disksnoop
