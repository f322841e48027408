#include "app/engine_choice.h"

#include <fmt/format.h>

namespace disksnoop {

Result<ProbePlan> choose_plan(const Result<ProbePlan>& original,
                              const Result<ProbePlan>& tracepoint) {
  if (original && original->unlike_original.empty()) return original;
  if (!tracepoint) return tracepoint;
  ProbePlan plan = *tracepoint;
  plan.infos.push_back(fmt::format("engine tracepoint, as {}", why_not_original(original)));
  return plan;
}

std::string why_not_original(const Result<ProbePlan>& original) {
  return fmt::format("disksnoop.py could not trace here: {}",
                     original ? original->unlike_original : original.error().message);
}

}  // namespace disksnoop
