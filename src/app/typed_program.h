// A program that reads by plain loads where the kernel takes that.
#pragma once

#include <optional>

#include "app/engine.h"
#include "tracepoint/typed_reads.h"

namespace disksnoop {

/// load_program() with `reads`; without them where there are none, or the kernel does not take
/// the program so. What was printed is told, of what did not go with --verbose only if the
/// other way did.
Result<LoadedProgram> load_with_typed_reads(const ProgramText& program,
                                            const std::optional<TypedReads>& reads,
                                            const ProbePlan& plan, const Result<KernelBtf>& btf,
                                            const Options& options, const Log& log);

}  // namespace disksnoop
