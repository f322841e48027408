// The plan: which engine traces, and what it attaches to, with the reasons.
// Deciding is pure; kernel/bcc_session.h carries the plan out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/kernel_symbols.h"

namespace disksnoop {

enum class Engine { kOriginal, kTracepoint };

std::string_view name_of(Engine engine);

enum class HookKind { kKprobe, kRawTracepoint };

/// One place in the kernel and the function of the program that runs there.
struct Hook {
  HookKind kind;
  std::string target;    ///< kernel function or raw tracepoint
  std::string function;  ///< of the BPF program
  std::string reason;    ///< why this target, for --verbose
};

struct ProbePlan {
  Engine engine;
  std::vector<Hook> hooks;
  std::vector<std::string> notes;     ///< what decided, for --verbose
  std::vector<std::string> warnings;  ///< what the user must know, always on stderr
};

/// What the kernel says of itself, as far as the plan depends on it.
struct KernelFacts {
  bool kprobes = false;  ///< the kernel has kprobes (CONFIG_KPROBES)
  SymbolFiles symbols;
};

/// The kprobes of the original: blk_start_request if it can be probed and
/// always blk_mq_start_request; then __blk_account_io_done, else
/// blk_account_io_done, else (bcc's third choice) blk_mq_end_request.
/// Fails, with each symbol and why it cannot be probed, where the original
/// could not attach.
Result<ProbePlan> plan_original(const KernelFacts& facts);

}  // namespace disksnoop
