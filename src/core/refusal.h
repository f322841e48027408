// Why the kernel does not let a process use BPF, in words that help.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace disksnoop {

/// What /proc and /sys say of the process and the kernel's policy.
struct PrivilegeFacts {
  std::uint64_t effective_capabilities = 0;  ///< CapEff of /proc/self/status
  bool seccomp_filter = false;               ///< Seccomp: 2 there
  bool in_container = false;                 ///< /.dockerenv or /run/.containerenv
  std::string lockdown;  ///< of /sys/kernel/security/lockdown: "none", "integrity", …, or ""
};

/// Reads CapEff and Seccomp off the text of /proc/self/status.
PrivilegeFacts parse_process_status(std::string_view status);

/// The level in force in the text of lockdown: "none [integrity] confidentiality".
std::string parse_lockdown(std::string_view text);

/// One line on why bpf(2) failed with EPERM or EACCES, and the way out.
std::string explain_refusal(const PrivilegeFacts& facts);

}  // namespace disksnoop
