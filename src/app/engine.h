// What both engines do: compile a program, attach a plan, print rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/options.h"
#include "app/trace_loop.h"
#include "base/error.h"
#include "program/bcc_session.h"
#include "program/kernel_btf.h"
#include "program/probe_plan.h"
#include "system/log.h"

namespace disksnoop {

/// As many files as are opened beside the standard ones, with some to spare: 49 with all columns,
/// filters and metrics; BPF objects, pipes and, while the program is compiled, made headers. Each
/// CPU's perf buffer takes one more.
constexpr std::size_t kTracingDescriptors = 56;

/// Tells the plan: infos and warnings always, the rest with --verbose.
void tell_plan(const ProbePlan& plan, const Log& log);

/// What a hook attaches to, and why.
std::string describe(const Hook& hook);

/// What libbcc printed: noise when all went `well`, shown with --verbose, else the
/// cause, shown always.
void tell_messages(bool well, std::string_view messages, const Log& log);

/// A program whose functions are all loaded and not attached.
struct LoadedProgram {
  BccSession session;
  std::vector<Hook> hooks;  ///< of the plan
};

/// What to compile (see BccSession::Source).
struct ProgramText {
  std::string_view text;
  std::vector<std::string> clang_flags = {};
  std::optional<std::uint32_t> kernel_function = {};
  std::vector<std::string> functions = {};  ///< to be loaded beside those of the hooks
};

/// Compiles `program` with the headers that the options ask for, and loads its functions and what
/// the hooks of `plan` run. What libbcc and the verifier print is added to `messages`.
Result<LoadedProgram> load_program(const ProgramText& program, const ProbePlan& plan,
                                   const Result<KernelBtf>& btf, const Options& options,
                                   const Log& log, std::string& messages);

/// Attaches the hooks in their order, one right after the other.
Result<void> attach_hooks(LoadedProgram& program, const Log& log);

/// The engines, from the plan to the end of the run.
Result<void> run_original(const ProbePlan& plan, const Result<KernelBtf>& btf,
                          const Options& options, const Log& log);
Result<void> run_tracepoint(const ProbePlan& plan, const Result<KernelBtf>& btf,
                            const Options& options, const Log& log);

}  // namespace disksnoop
