// Why the kernel does not let a process use BPF, in words that help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

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

/// Why bpf(2) failed with EPERM, EACCES or ENOSYS.
enum class Refusal {
  kNoCall,         ///< the kernel has none
  kUserNamespace,  ///< in which capabilities count for nothing
  kCapabilities,   ///< missing
  kLockdown,
  kSeccomp,
  kModule  ///< a security module, as it is nothing else
};
Refusal find_refusal(const PrivilegeFacts& facts);

/// The same in one line, with the way out.
Error explain_refusal(const PrivilegeFacts& facts);

/// "CAP_BPF and CAP_PERFMON", of those that tracing can take; "" for none.
std::string describe_capabilities(const PrivilegeFacts& facts);

/// That the kernel gave no map, for `reason`. Kernels before 5.11 count maps as locked memory, of
/// which containers may have little: `most_locked` bytes (RLIMIT_MEMLOCK), none for no limit.
Error explain_map_refusal_by(std::string_view reason, std::optional<std::uint64_t> most_locked);

/// The same if libbcc `printed` that the kernel gave it no map.
std::optional<Error> explain_map_refusal(std::string_view printed,
                                         std::optional<std::uint64_t> most_locked);

}  // namespace disksnoop
