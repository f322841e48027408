// Which system calls this process may still make: seccomp(2).
#pragma once

#include <cstddef>
#include <span>

#include "base/error.h"

namespace disksnoop {

/// What goes on beside reading and writing what is open, waiting, and taking memory.
struct SyscallsNeeded {
  bool compiles = false;              ///< files are opened for reading, maps made, code is run
  bool bpf = false;                   ///< maps are read and changed, programs run for an answer
  bool serves = false;                ///< a socket that listens, by threads
  std::span<const int> renewed = {};  ///< descriptors of directories in which files are renewed
};

enum class Threads { kThis, kAll };

/// From now on all other calls fail with EPERM; among them in any case running a program, making
/// a process, opening a file to write (but new ones in the directories that are renewed), a
/// socket, and loading a BPF program or making a map unless it compiles. How many are allowed.
/// Error: the kernel has no such filter, or refuses it.
Result<std::size_t> restrict_syscalls(const SyscallsNeeded& needed, Threads threads);

}  // namespace disksnoop
