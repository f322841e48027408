#include "system/privileges.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/quantity.h"
#include "system/environment.h"
#include "system/rights.h"

namespace disksnoop {
namespace {

/// Docker and podman leave a file, unless the root is read-only; podman and our
/// own image set `container`, and Kubernetes tells where its service is.
bool is_container(const Root& root) {
  std::error_code ignored;
  return std::filesystem::exists(root.at("/.dockerenv"), ignored) ||
         std::filesystem::exists(root.at("/run/.containerenv"), ignored) ||
         std::getenv("container") != nullptr || std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
}

}  // namespace

PrivilegeFacts read_privilege_facts(const Root& root) {
  PrivilegeFacts facts;
  if (const auto status = read_file(root.at("/proc/self/status"))) {
    facts = parse_process_status(*status);
  }
  if (const auto lockdown = read_file(root.at("/sys/kernel/security/lockdown"))) {
    facts.lockdown = parse_lockdown(*lockdown);
  }
  if (const auto uid_map = read_file(root.at("/proc/self/uid_map"))) {
    facts.in_user_namespace = parse_uid_map(*uid_map);
  }
  facts.in_container = is_container(root);
  return facts;
}

void raise_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return;
  for (auto& set : sets) set.effective |= set.permitted;
  ::syscall(SYS_capset, &header, sets);
}

bool writes_what_its_caller_may_not() {
  if (!has_more_rights_than_caller()) return false;
  if (::geteuid() != ::getuid() || ::getegid() != ::getgid()) return true;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return true;
  // All others change no file by themselves, or are those that tracing needs.
  constexpr std::uint32_t kOverFiles =
      1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_SETUID;
  return ::getuid() != 0 && (sets[0].permitted & kOverFiles) != 0;
}

bool is_low_port(std::uint16_t port, const Root& root) {
  std::uint64_t first_unprivileged = 1024;
  if (const auto text = read_file(root.at("/proc/sys/net/ipv4/ip_unprivileged_port_start"))) {
    const auto number = parse_count(std::string_view(*text).substr(0, text->find('\n')));
    if (number) first_unprivileged = *number;
  }
  return port < first_unprivileged;
}

bool binds_what_its_caller_may_not(std::uint16_t port, const Root& root) {
  return ::getuid() != 0 && has_more_rights_than_caller() && is_low_port(port, root);
}

bool bpf_needs_capability() {
  const WithoutCapabilities without;
  const std::uint64_t key = 0;
  std::uint64_t value = 0;
  // There is no such map, which is told to those only who may ask.
  return bpf_map_lookup_elem(-1, &key, &value) != 0 && errno == EPERM;
}

bool counts_maps_as_locked() {
  // The helper came with the change, and a cgroup's limit counts since.
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_ktime_get_coarse_ns,
                                 nullptr) == 0;
}

std::optional<std::uint64_t> most_locked_bytes() {
  rlimit locked = {};
  if (::getrlimit(RLIMIT_MEMLOCK, &locked) != 0 || locked.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  return locked.rlim_cur;
}

Result<void> check_bpf_permitted(const Root& root) {
  // Locked down that far, the kernel loads programs but lets them read nothing.
  if (const PrivilegeFacts facts = read_privilege_facts(root);
      facts.lockdown == "confidentiality") {
    return std::unexpected(explain_refusal(facts));
  }
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
  if (fd != -EPERM && fd != -EACCES && fd != -ENOSYS) return {};
  PrivilegeFacts facts = read_privilege_facts(root);
  facts.no_bpf_call = fd == -ENOSYS;
  return std::unexpected(explain_refusal(facts));
}

}  // namespace disksnoop
