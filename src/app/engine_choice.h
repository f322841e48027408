// Which engine traces, where the user leaves it open.
#pragma once

#include <string>

#include "base/error.h"
#include "program/probe_plan.h"

namespace disksnoop {

/// The engine of --engine=auto: original where disksnoop.py itself can attach
/// (one of the two completions that it knows), so that the drop-in is exact;
/// else tracepoint, with the reason among its infos. `original` is what
/// plan_original() gave, or why its facts could not be had.
Result<ProbePlan> choose_plan(const Result<ProbePlan>& original,
                              const Result<ProbePlan>& tracepoint);

/// "disksnoop.py could not trace here: REASON", of a plan that choose_plan() does not take.
std::string why_not_original(const Result<ProbePlan>& original);

}  // namespace disksnoop
