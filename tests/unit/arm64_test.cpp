// Both programs for arm64, with headers made from the BTF of a real arm64
// kernel. The tests end at the compiled program: what the verifier and the
// probes make of it takes an arm64 kernel, and there was no such machine when
// they were written. What differs from x86-64 is struct pt_regs, and that the
// compiler takes a function's arguments from it by other names.
#include <gtest/gtest.h>
#include <stdlib.h>  // setenv

#include <string>
#include <vector>

#include "layout.h"
#include "program/bcc_session.h"
#include "program/program_headers.h"
#include "programs.h"
#include "system/privileges.h"
#include "tracepoint/name_condition.h"
#include "tracepoint/program_config.h"

namespace disksnoop {
namespace {

class Arm64 : public testing::Test {
 protected:
  // libbcc compiles for the architecture that ARCH names (run_arch_callback in
  // src/cc/frontends/clang/arch_helper.h).
  void SetUp() override {
    ASSERT_TRUE(btf_) << btf_.error().message;
    ::setenv("ARCH", "arm64", 1);
  }
  void TearDown() override { ::unsetenv("ARCH"); }

  Result<BccSession> compile(std::string_view program, std::vector<std::string> flags = {}) {
    // Debian 13's clang has it on for x86-64, and does not know it for arm64.
    flags.emplace_back("-fcf-protection=none");
    const auto headers = find_headers(Headers::kBtf, program, btf_, Root());
    if (!headers) return std::unexpected(headers.error());
    return BccSession::compile(headers->source_of(program, flags), messages_);
  }
  void expect_compiled(std::string_view program, const std::vector<std::string>& flags = {}) {
    messages_.clear();
    const auto session = compile(program, flags);
    EXPECT_TRUE(session) << session.error().message << "\n" << messages_;
  }

  Result<KernelBtf> btf_ = KernelBtf::load(DISKSNOOP_TEST_DATA "/btf/6.1.0-50-arm64.btf");
  std::string messages_;
};

/// libbcc creates a program's maps as it compiles it.
class Arm64Programs : public Arm64 {
 protected:
  void SetUp() override {
    if (const auto permitted = check_bpf_permitted(Root()); !permitted) {
      GTEST_SKIP() << permitted.error().message;
    }
    Arm64::SetUp();
  }
};

TEST_F(Arm64Programs, TheOriginalProgramCompiles) { expect_compiled(kOriginalProgram); }

TEST_F(Arm64Programs, TheOriginalProgramTakesItsArgumentsFromTheRegistersOfTheTarget) {
  // On x86-64 the request is in di, which this kernel's pt_regs does not have.
  ::setenv("ARCH", "x86", 1);
  EXPECT_FALSE(compile(kOriginalProgram));
  EXPECT_NE(messages_.find("no member named 'di' in 'struct pt_regs'"), std::string::npos)
      << messages_;
}

TEST_F(Arm64Programs, BlockRqCompiles) {
  const std::string entries = "-DSTART_ENTRIES=64";
  const std::string condition = disk_condition(std::vector<DiskPart>{{"sda", {}}});
  // The recorded BTF has no more than these need.
  for (const std::string_view list : {"time,type,bytes,latency", "+op,queue,sector,disk,pattern"}) {
    const Columns columns = *parse_columns(list);
    const auto config = configure_program(columns, {&*btf_, true, {.disk_condition = condition}});
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->warnings, std::vector<std::string>());
    expect_compiled(config->text, {entries, "-DRING_PAGES=4"});
    expect_compiled(config->text, {entries, "-DPERF_BUFFER"});
  }
}

TEST_F(Arm64, ClangLaysOutEveryFieldAsTheKernelDoes) {
  std::string program = "#include <linux/blk-mq.h>\n";
  for (const Field& field :
       {Field{"request", "__data_len"}, Field{"request", "cmd_flags"}, Field{"request", "q"},
        Field{"request_queue", "disk"}, Field{"gendisk", "disk_name"}, Field{"pt_regs", "regs"},
        Field{"pt_regs", "sp"}}) {
    const auto place = btf_->find_member(field.in_struct, field.name);
    ASSERT_TRUE(place) << field.in_struct << "." << field.name;
    program += assertion(field, *place);
  }
  expect_compiled(program);
}

TEST_F(Arm64, TheFirstArgumentIsAtTheBeginningOfTheRegisters) {
  // x0 to x30, sp, pc, pstate: struct user_pt_regs of arch/arm64's uapi
  // asm/ptrace.h, and in pt_regs the first part of a union without a name.
  expect_compiled(
      "struct pt_regs *registers;\n"
      "#include <linux/blk-mq.h>\n"
      "_Static_assert(__builtin_offsetof(struct pt_regs, regs[0]) == 0, \"x0\");\n"
      "_Static_assert(__builtin_offsetof(struct pt_regs, regs[1]) == 8, \"x1\");\n"
      "_Static_assert(__builtin_offsetof(struct pt_regs, user_regs.pstate) == 264, \"pstate\");\n"
      "#ifndef __aarch64__\n#error compiled for another architecture\n#endif\n");
}

TEST_F(Arm64, TheTracepointsHaveARequest) {
  EXPECT_EQ(btf_->raw_tracepoint_arguments("block_rq_issue"), std::vector<std::string>{"request"});
  const auto completion = btf_->raw_tracepoint_arguments("block_rq_complete");
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->front(), "request");
  EXPECT_EQ(completion->size(), 3U);
}

}  // namespace
}  // namespace disksnoop
