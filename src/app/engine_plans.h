// The plans of both engines on this machine.
#pragma once

#include "base/error.h"
#include "program/kernel_btf.h"
#include "program/probe_plan.h"
#include "system/files.h"

namespace disksnoop {

/// As plan_original() has it. Error: also that its facts cannot be had, as without tracefs.
Result<ProbePlan> plan_original_here(const Root& root);

/// As plan_tracepoint() has it.
Result<ProbePlan> plan_tracepoint_here(const Result<KernelBtf>& btf);

}  // namespace disksnoop
