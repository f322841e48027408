#include "kernel/privileges.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace disksnoop {

PrivilegeFacts read_privilege_facts(const Root& root) {
  PrivilegeFacts facts;
  if (const auto status = read_file(root.at("/proc/self/status"))) {
    facts = parse_process_status(*status);
  }
  if (const auto lockdown = read_file(root.at("/sys/kernel/security/lockdown"))) {
    facts.lockdown = parse_lockdown(*lockdown);
  }
  std::error_code ignored;
  facts.in_container = std::filesystem::exists(root.at("/.dockerenv"), ignored) ||
                       std::filesystem::exists(root.at("/run/.containerenv"), ignored);
  return facts;
}

Result<void> check_bpf_permitted(const Root& root) {
  // r0 = 0; exit
  const bpf_insn program[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  const int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "disksnoop", "GPL", program,
                               sizeof(program) / sizeof(program[0]), nullptr);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  // Any other refusal is not about permission; the real programs will tell.
  if (fd != -EPERM && fd != -EACCES) return {};
  return fail(explain_refusal(read_privilege_facts(root)));
}

}  // namespace disksnoop
