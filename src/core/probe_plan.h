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
  std::string reason;    ///< why this target and this function, for --verbose
  /// To be tried where the kernel refuses `function`; empty for none.
  std::string other_function = {};
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

/// What the kernel says of itself, as far as the plan of kprobes depends on it.
struct KprobeFacts {
  bool kprobes = false;  ///< the kernel has kprobes (CONFIG_KPROBES)
  SymbolFiles symbols;
};

/// The kprobes of the original: blk_start_request if it can be probed and
/// always blk_mq_start_request; then __blk_account_io_done, else
/// blk_account_io_done, else (bcc's third choice) blk_mq_end_request.
/// Fails, with each symbol and why it cannot be probed, where the original
/// could not attach.
Result<ProbePlan> plan_original(const KprobeFacts& facts);

/// The arguments of a raw tracepoint in the kernel's BTF; none without BTF.
using TracepointArguments = std::optional<std::vector<std::string>>;

/// The raw tracepoints block_rq_complete, block_rq_requeue and block_rq_issue. The
/// arguments of the latter two are (rq) since 5.11 and where that was backported,
/// (q, rq) before; without BTF the kernel itself tells, as it refuses a program
/// that reads an argument too many. Fails where one has no request.
Result<ProbePlan> plan_tracepoint(const TracepointArguments& issue_arguments,
                                  const TracepointArguments& requeue_arguments);

/// The engine of --engine=auto: original where disksnoop.py itself can attach
/// (one of the two completions that it knows), so that the drop-in is exact;
/// else tracepoint, with the reason among its infos. `original` is what
/// plan_original() gave, or why its facts could not be had.
Result<ProbePlan> choose_plan(const Result<ProbePlan>& original,
                              const Result<ProbePlan>& tracepoint);

}  // namespace disksnoop
