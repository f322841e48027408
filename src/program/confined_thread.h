// A thread in which other people's code runs with little to do harm with.
#pragma once

#include <functional>

#include "base/error.h"

namespace disksnoop {

enum class Confined { kYes, kNo };

/// Runs `work` in a thread of its own, and waits for it. Confined, that thread can compile a BPF
/// program and make its maps, and do little else: of the capabilities it has those of BPF and of
/// reading files; it opens no file to write (where the kernel has Landlock none can be made or
/// removed either), runs no program, makes no process and no socket. What of that this kernel does
/// not have is left out. Signals come to the thread that called. Error: no thread is to be had.
Result<void> run_in_thread(Confined confined, const std::function<void()>& work);

}  // namespace disksnoop
