// Which kprobes the original engine attaches.
#pragma once

#include "base/error.h"
#include "original/kernel_symbols.h"
#include "program/probe_plan.h"

namespace disksnoop {

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

}  // namespace disksnoop
