// The kernel's clock, as seen from this process.
#pragma once

#include <cstdint>
#include <optional>

namespace disksnoop {

/// Whether this process is in a time namespace, whose clocks are not those of the machine.
bool in_time_namespace();

/// The clock of bpf_ktime_get_ns(): CLOCK_MONOTONIC of the machine. None in a
/// time namespace (since 5.6), whose CLOCK_MONOTONIC is another.
std::optional<std::uint64_t> kernel_now_ns();

}  // namespace disksnoop
