// A plan: which engine traces, and what it attaches to, with the reasons. Each
// engine makes its own (original/original_plan.h, tracepoint/tracepoint_plan.h);
// bcc_session.h carries it out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

enum class Engine { kOriginal, kTracepoint };

constexpr std::string_view name_of(Engine engine) {
  return engine == Engine::kOriginal ? "original" : "tracepoint";
}

enum class HookKind { kKprobe, kRawTracepoint };

/// One place in the kernel and the function of the program that runs there.
struct Hook {
  HookKind kind;
  std::string target;    ///< kernel function or raw tracepoint
  std::string function;  ///< of the BPF program
  std::string reason;    ///< why this target and this function, for --verbose
  /// To be tried where the kernel refuses `function`; empty for none.
  std::string other_function = {};
  /// What is traced begins there: attached after all others, and detached before them.
  bool begins = false;
};

struct ProbePlan {
  Engine engine = Engine::kOriginal;
  std::vector<Hook> hooks = {};            ///< in the order in which to attach them
  std::vector<std::string> notes = {};     ///< what decided, for --verbose
  std::vector<std::string> infos = {};     ///< what was chosen and why, always on stderr
  std::vector<std::string> warnings = {};  ///< what the user must know, always on stderr
  /// Why disksnoop.py itself could not attach here; empty if it could.
  std::string unlike_original = {};
};

}  // namespace disksnoop
