#include "app/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "app/check.h"
#include "app/engine.h"
#include "app/engine_choice.h"
#include "app/engine_plans.h"
#include "app/program_setup.h"
#include "app/replay.h"
#include "program/kernel_btf.h"
#include "program/kernel_headers.h"
#include "programs.h"
#include "system/descriptors.h"
#include "system/environment.h"
#include "system/output.h"
#include "system/privileges.h"

namespace disksnoop {
namespace {

Result<ProbePlan> plan_here(std::optional<Engine> engine, const Result<KernelBtf>& btf,
                            const Root& root) {
  if (engine == Engine::kOriginal) return plan_original_here(root);
  if (engine == Engine::kTracepoint) return plan_tracepoint_here(btf);
  return choose_plan(plan_original_here(root), plan_tracepoint_here(btf));
}

Result<void> trace(const Options& options, const Log& log) {
  if (has_more_rights_than_caller()) {
    if (!options.sandbox) {
      return fail("--sandbox=off does not go with rights that the caller does not have");
    }
    log.detail(kMoreRightsThanCaller);
  }
  settle_kernel_source();
  raise_capabilities();
  if (const auto enough = require_descriptors(kTracingDescriptors); !enough) return enough;
  const Root root;
  const auto btf = KernelBtf::load(root.at("/sys/kernel/btf/vmlinux"));
  const auto plan = plan_here(options.engine, btf, root);
  if (!plan) return std::unexpected(plan.error());
  if (auto permitted = check_bpf_permitted(root); !permitted) return permitted;
  if (!options.engine_chosen_for.empty()) {
    log.info(fmt::format("engine tracepoint, as only it has {}", options.engine_chosen_for));
  }
  return plan->engine == Engine::kOriginal ? run_original(*plan, btf, options, log)
                                           : run_tracepoint(*plan, btf, options, log);
}

/// Of the tracepoint engine with the parts that were asked for, as far as this
/// kernel can have them.
Result<void> print_program(const Options& options, const Log& log) {
  if (options.engine != Engine::kTracepoint) return write_all(STDOUT_FILENO, kOriginalProgram);
  const auto btf = KernelBtf::load(Root().at("/sys/kernel/btf/vmlinux"));
  const auto config = configure(options, btf);
  if (!config) return std::unexpected(config.error());
  for (const std::string& warning : config->warnings) log.warning(warning);
  return write_all(STDOUT_FILENO, config->text);
}

}  // namespace

Result<void> run(const Options& options, const Log& log) {
  if (options.print_bpf) return print_program(options, log);
  if (options.replay) return replay(options, log);
  if (options.check) return check(options, log);
  return trace(options, log);
}

}  // namespace disksnoop
