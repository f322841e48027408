// Resident memory: giving back what only the start needed.
#pragma once

namespace disksnoop {

/// Returns free heap to the kernel, and drops the pages of code and constants
/// of all loaded libraries (LLVM's and clang's are nearly all of them) from
/// this process. They are clean and come back from the page cache, or from
/// their files, when they are touched again.
void release_resident_memory();

}  // namespace disksnoop
