#include "tracepoint/tracepoint_plan.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

namespace disksnoop {
namespace {

/// `function` takes (rq), and the one of its name with _q takes (q, rq).
Result<Hook> hook_on_request(const std::string& target, const std::string& function,
                             const TracepointArguments& arguments) {
  Hook hook{HookKind::kRawTracepoint, target, function, ""};
  if (!arguments) {
    hook.function = function + "_q";
    hook.other_function = function;
    hook.reason = "no BTF: as many arguments as the kernel lets a program read";
  } else if (arguments->size() == 1 && arguments->front() == "request") {
    hook.reason = "its arguments are (rq)";
  } else if (arguments->size() == 2 && arguments->back() == "request") {
    hook.function = function + "_q";
    hook.reason = "its arguments are (q, rq)";
  } else {
    return fail(
        fmt::format("the kernel's BTF has no struct request among the arguments of {}", target));
  }
  return hook;
}

}  // namespace

Result<ProbePlan> plan_tracepoint(const TracepointArguments& issue_arguments,
                                  const TracepointArguments& requeue_arguments) {
  // The issue last: what is issued once it is watched is watched to its end.
  ProbePlan plan{.engine = Engine::kTracepoint};
  plan.hooks.push_back({HookKind::kRawTracepoint, "block_rq_complete", "trace_completion",
                        "every completed request"});
  for (const auto& [target, function, arguments] :
       {std::tuple{"block_rq_requeue", "trace_requeue", &requeue_arguments},
        std::tuple{"block_rq_issue", "trace_start", &issue_arguments}}) {
    auto hook = hook_on_request(target, function, *arguments);
    if (!hook) return std::unexpected(hook.error());
    plan.hooks.push_back(std::move(*hook));
  }
  plan.hooks.back().begins = true;
  return plan;
}

}  // namespace disksnoop
