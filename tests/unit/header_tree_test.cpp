#include "program/header_tree.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

using Strings = std::vector<std::string>;

TEST(ProgramNeeds, OfTheOriginalProgram) {
  const ProgramNeeds needs = needs_of(test_data("original/bpf.c"));
  EXPECT_EQ(needs.includes, (Strings{"uapi/linux/ptrace.h", "linux/blk-mq.h"}));
  EXPECT_EQ(needs.structs, (Strings{"pt_regs", "request"}));
}

TEST(ProgramNeeds, WordsInCommentsAndStringsAreNoCode) {
  const ProgramNeeds needs = needs_of("// struct a, #include <a.h>\n"
                                      "/* struct b\n#include <b.h>\n */\n"
                                      "const char *text = \"struct c \\\" struct d\";\n"
                                      "#include <linux/e.h>\n"
                                      "struct e *e; /* not closed, struct f");
  EXPECT_EQ(needs.includes, Strings{"linux/e.h"});
  EXPECT_EQ(needs.structs, Strings{"e"});
}

TEST(ProgramNeeds, WhatTheProgramDefinesItNeedsFromNobody) {
  const ProgramNeeds needs = needs_of(
      "struct event_t { int a; };\n"
      "int f(struct event_t *e, struct request\n*r, struct bpf_raw_tracepoint_args *ctx);\n"
      "struct request *again; struct { int anonymous; } x; int mystruct; structure y;");
  EXPECT_EQ(needs.structs, Strings{"request"});
  EXPECT_TRUE(needs.includes.empty());
}

TEST(ProgramNeeds, AnEmptyProgramNeedsNothing) {
  EXPECT_TRUE(needs_of("").structs.empty());
  EXPECT_TRUE(needs_of("struct").structs.empty());
}

class HeaderTreeTest : public testing::Test {
 protected:
  bool has(const std::string& name) const { return tree_.contains("include/" + name); }
  bool has(const std::string& name, std::string_view part) const {
    return has(name) && tree_.at("include/" + name).find(part) != std::string::npos;
  }

  HeaderTree tree_ = make_header_tree({{"uapi/linux/ptrace.h", "linux/blk-mq.h"}, {"request"}},
                                      "struct request { int tag; };\n",
                                      {.page_size = 65536, .kernel_version = 0x060105});
};

TEST_F(HeaderTreeTest, EachIncludeOfTheProgramGivesTheTypes) {
  for (const std::string name : {"uapi/linux/ptrace.h", "linux/blk-mq.h"}) {
    EXPECT_TRUE(has(name, "#include <disksnoop_types.h>")) << name;
  }
  EXPECT_TRUE(has("disksnoop_types.h", "struct request { int tag; };"));
  EXPECT_TRUE(has("disksnoop_types.h", "#pragma once"));
}

TEST_F(HeaderTreeTest, HasWhatLibbccIncludes) {
  for (const std::string name :
       {"linux/kconfig.h", "linux/types.h", "linux/version.h", "linux/log2.h", "asm/page.h",
        "uapi/linux/bpf.h", "uapi/linux/if_packet.h"}) {
    EXPECT_TRUE(has(name)) << name;
  }
  EXPECT_TRUE(has("linux/kconfig.h", "CONFIG_BPF_SYSCALL"));
  EXPECT_TRUE(has("asm/page.h", "#define PAGE_SIZE 65536UL"));
  EXPECT_TRUE(has("linux/version.h", "#define LINUX_VERSION_CODE 393477"));
  EXPECT_TRUE(has("linux/types.h", "uintptr_t"));
}

TEST(KernelVersionCode, OfReleases) {
  EXPECT_EQ(kernel_version_code("6.1.0-50-amd64"), 0x060100U);
  EXPECT_EQ(kernel_version_code("6.12.107+deb13-amd64"), 0x060c6bU);
  EXPECT_EQ(kernel_version_code("5.10.255"), 0x050affU);
  EXPECT_EQ(kernel_version_code("4.9.337"), 0x0409ffU) << "the last part has one byte";
  EXPECT_EQ(kernel_version_code("7.0-rc1"), 0x070000U);
  EXPECT_EQ(kernel_version_code("6"), 0x060000U);
  EXPECT_EQ(kernel_version_code(""), 0U);
  EXPECT_EQ(kernel_version_code("next"), 0U);
}

}  // namespace
}  // namespace disksnoop
