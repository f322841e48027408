// Whether this process may use BPF.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "system/files.h"
#include "system/refusal.h"

namespace disksnoop {

PrivilegeFacts read_privilege_facts(const Root& root);

/// Makes the capabilities effective that a file gave this process: a file that
/// did so itself could not even be started where they are not to be had. Its
/// failure is told by check_bpf_permitted().
void raise_capabilities();

/// Whether this process may write files that its caller may not: by another user or group, or by
/// a capability that its file gave it.
bool writes_what_its_caller_may_not();

/// Whether only CAP_NET_BIND_SERVICE lets a process listen on this port, by
/// ip_unprivileged_port_start (ip(7)) under `root`.
bool is_low_port(std::uint16_t port, const Root& root);

/// Whether this process may listen on this port and its caller may not, as
/// is_low_port() says.
bool binds_what_its_caller_may_not(std::uint16_t port, const Root& root);

/// Whether this kernel refuses a process without capabilities every call of bpf(2), also for maps
/// that it has open: up to 5.18 (kernel/bpf/syscall.c, __sys_bpf) where
/// kernel.unprivileged_bpf_disabled is set, as distributions do.
bool bpf_needs_capability();

/// Whether this kernel counts maps as locked memory of who makes them (before 5.11). Needs what
/// check_bpf_permitted() asks for.
bool counts_maps_as_locked();

/// How much memory this process may lock (RLIMIT_MEMLOCK); none: as much as it wants.
std::optional<std::uint64_t> most_locked_bytes();

/// Loads and drops the smallest raw tracepoint program, which takes what
/// tracing takes: CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before 5.8). Error:
/// what is missing, by the facts under `root`.
Result<void> check_bpf_permitted(const Root& root);

}  // namespace disksnoop
