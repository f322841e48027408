// Why the kernel does not let a process use BPF, in words that help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace disksnoop {

/// What /proc and /sys say of the process and the kernel's policy.
struct PrivilegeFacts {
  std::uint64_t effective_capabilities = 0;  ///< CapEff of /proc/self/status
  std::uint64_t bounding_capabilities = 0;   ///< CapBnd there: what the process could have
  bool seccomp_filter = false;               ///< Seccomp: 2 there
  bool in_container = false;                 ///< by the marks that engines leave
  bool in_user_namespace = false;            ///< /proc/self/uid_map is not that of the host
  bool no_bpf_call = false;                  ///< bpf(2) gave ENOSYS
  std::string lockdown;  ///< of /sys/kernel/security/lockdown: "none", "integrity", …, or ""
};

/// Reads CapEff, CapBnd and Seccomp off the text of /proc/self/status.
PrivilegeFacts parse_process_status(std::string_view status);

/// Whether the text of /proc/self/uid_map is that of a user namespace in which
/// capabilities count for nothing with bpf(2).
bool parse_uid_map(std::string_view text);

/// The level in force in the text of lockdown: "none [integrity] confidentiality".
std::string parse_lockdown(std::string_view text);

/// One line on why bpf(2) failed with EPERM, EACCES or ENOSYS, and the way out.
std::string explain_refusal(const PrivilegeFacts& facts);

/// The error if libbcc `printed` that the kernel gave it no map. Kernels before
/// 5.11 count maps as locked memory, of which containers may have little:
/// `most_locked` bytes (RLIMIT_MEMLOCK), none for no limit.
std::optional<std::string> explain_map_refusal(std::string_view printed,
                                               std::optional<std::uint64_t> most_locked);

}  // namespace disksnoop
