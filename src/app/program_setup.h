// The tracepoint engine's program for what was asked for, on this machine.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "program/kernel_btf.h"
#include "request/operation.h"
#include "tracepoint/program_config.h"

namespace disksnoop {

/// How this kernel numbers its operations.
OperationTable operation_table(const Result<KernelBtf>& btf);

/// Error: a disk that is not there, or a filter that this kernel cannot have.
Result<ProgramConfig> configure(const Options& options, const Result<KernelBtf>& btf);

}  // namespace disksnoop
