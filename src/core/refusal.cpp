#include "core/refusal.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace disksnoop {
namespace {

// include/uapi/linux/capability.h
constexpr unsigned kSysAdmin = 21;
constexpr unsigned kPerfmon = 38;
constexpr unsigned kBpf = 39;

bool has(const PrivilegeFacts& facts, unsigned capability) {
  return (facts.effective_capabilities >> capability & 1) != 0;
}

/// The text after "NAME:" and white space, up to the end of its line.
std::string_view field(std::string_view status, std::string_view name) {
  const std::string key = fmt::format("\n{}:", name);
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return "";
  std::string_view value = status.substr(at + key.size());
  value = value.substr(0, value.find('\n'));
  const std::size_t begin = value.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : value.substr(begin);
}

std::string missing_capabilities(const PrivilegeFacts& facts) {
  const bool bpf = has(facts, kBpf);
  const bool perfmon = has(facts, kPerfmon);
  const std::string names = bpf ? "CAP_PERFMON" : perfmon ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
  const std::string options = bpf       ? "--cap-add PERFMON"
                              : perfmon ? "--cap-add BPF"
                                        : "--cap-add BPF --cap-add PERFMON";
  return facts.in_container
             ? fmt::format("not permitted to use BPF: {} missing; run the container with {}", names,
                           options)
             : fmt::format("not permitted to use BPF: {} missing; run as root, or give it (on a "
                           "kernel before 5.8, CAP_SYS_ADMIN)",
                           names);
}

}  // namespace

PrivilegeFacts parse_process_status(std::string_view status) {
  PrivilegeFacts facts;
  const std::string_view capabilities = field(status, "CapEff");
  std::from_chars(capabilities.data(), capabilities.data() + capabilities.size(),
                  facts.effective_capabilities, 16);
  facts.seccomp_filter = field(status, "Seccomp") == "2";
  return facts;
}

std::string parse_lockdown(std::string_view text) {
  const std::size_t begin = text.find('[');
  const std::size_t end = text.find(']');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  return std::string(text.substr(begin + 1, end - begin - 1));
}

std::string explain_refusal(const PrivilegeFacts& facts) {
  const bool all = has(facts, kSysAdmin) || (has(facts, kBpf) && has(facts, kPerfmon));
  if (!all) return missing_capabilities(facts);
  if (facts.lockdown == "confidentiality") {
    return "not permitted to use BPF: the kernel is locked down (confidentiality), which forbids "
           "reading its memory; see /sys/kernel/security/lockdown";
  }
  if (facts.seccomp_filter) {
    return "not permitted to use BPF: a seccomp filter forbids bpf(2) or perf_event_open(2); run "
           "the container with --security-opt seccomp=PROFILE where PROFILE allows them";
  }
  return "not permitted to use BPF although the capabilities are there: a security module (SELinux, "
         "AppArmor) or a user namespace of its own is in the way";
}

}  // namespace disksnoop
