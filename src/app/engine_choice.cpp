#include "app/engine_choice.h"

#include <fmt/format.h>

namespace disksnoop {

Result<ProbePlan> choose_plan(const Result<ProbePlan>& original,
                              const Result<ProbePlan>& tracepoint) {
  if (original && original->unlike_original.empty()) return original;
  if (!tracepoint) return tracepoint;
  ProbePlan plan = *tracepoint;
  plan.infos.push_back(
      fmt::format("engine tracepoint, as disksnoop.py could not trace here: {}",
                  original ? original->unlike_original : original.error().message));
  return plan;
}

}  // namespace disksnoop
