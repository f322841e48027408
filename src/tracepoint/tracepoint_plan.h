// Which raw tracepoints the tracepoint engine attaches.
#pragma once

#include "base/error.h"
#include "program/kernel_types.h"
#include "program/probe_plan.h"

namespace disksnoop {

/// The raw tracepoints block_rq_complete, block_rq_requeue and block_rq_issue. The
/// arguments of the latter two are (rq) since 5.11 and where that was backported,
/// (q, rq) before; without BTF the kernel itself tells, as it refuses a program
/// that reads an argument too many. Fails where one has no request.
Result<ProbePlan> plan_tracepoint(const TracepointArguments& issue_arguments,
                                  const TracepointArguments& requeue_arguments);

}  // namespace disksnoop
