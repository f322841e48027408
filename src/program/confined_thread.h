// A thread in which other people's code runs with little to do harm with.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace disksnoop {

/// What a thread can do that is to compile a BPF program and make its maps.
struct Confinement {
  std::vector<std::filesystem::path> readable = {};  ///< it opens what is below them
  bool reads_any_file = false;
};

/// After so long a user wants to know what takes time.
constexpr std::chrono::milliseconds kLong(500);

/// Runs `work` in a thread of its own, and waits for it. Confined, that thread has of the
/// capabilities those of BPF and that of reaching files only; it opens no file to write, runs no
/// program, makes no process and no socket. What of that the kernel refuses is left out, and
/// returned, a line each. If it takes longer than kLong, `still_working` is called then, once, by
/// the thread that waits; it may be empty. Signals come to the thread that called. Error: no thread
/// is to be had.
Result<std::vector<std::string>> run_in_thread(const std::optional<Confinement>& confinement,
                                               const std::function<void()>& work,
                                               const std::function<void()>& still_working = {});

}  // namespace disksnoop
