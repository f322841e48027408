// What the kernel counts of a loaded BPF program.
#pragma once

#include <cstdint>

namespace disksnoop {

/// How often the kernel did not run the program because it was running already
/// on that CPU (struct bpf_prog_info, recursion_misses: for raw tracepoints
/// since 6.2). 0 where it does not count that.
std::uint64_t skipped_runs(int program_fd);

}  // namespace disksnoop
