#include "app/engine_plans.h"

#include "original/original_plan.h"
#include "original/symbol_files.h"
#include "original/tracefs.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop {

Result<ProbePlan> plan_original_here(const Root& root) {
  const auto tracefs = find_tracefs(root);
  if (!tracefs) return std::unexpected(tracefs.error());
  if (!has_kprobes(root, *tracefs)) return plan_original({.kprobes = false, .symbols = {}});
  return plan_original({.kprobes = true, .symbols = read_symbol_files(root, *tracefs)});
}

Result<ProbePlan> plan_tracepoint_here(const Result<KernelBtf>& btf) {
  if (!btf) return plan_tracepoint(std::nullopt, std::nullopt);
  return plan_tracepoint(btf->raw_tracepoint_arguments("block_rq_issue"),
                         btf->raw_tracepoint_arguments("block_rq_requeue"));
}

}  // namespace disksnoop
