#include "app/engine.h"
#include "app/row_sinks.h"
#include "app/sandbox.h"
#include "original/trace_options.h"
#include "original/trace_pipe.h"
#include "original/trace_report.h"
#include "original/tracefs.h"
#include "programs.h"

namespace disksnoop {
Result<void> run_original(const ProbePlan& plan, const Result<KernelBtf>& btf,
                          const Options& options, const Log& log) {
  tell_plan(plan, log);
  const Root root;
  const auto tracefs = find_tracefs(root);
  if (!tracefs) return std::unexpected(tracefs.error());
  // Opened first: a busy pipe is told at once, and no line is missed.
  const auto pipe = open_trace_pipe(root, *tracefs);
  if (!pipe) return std::unexpected(pipe.error());
  for (const std::string& line : trace_hindrances(*tracefs)) log.warning(line);
  Rows rows(options);
  if (options.filter != Filter()) rows.filter.filter_by(options.filter);
  TracePipe source(UniqueFd(*pipe), TracePipe::AtEnd::kWaits, dialect_of(options),
                   rows.original_sink());
  std::string messages;
  auto loaded = load_program({kOriginalProgram}, plan, btf, options, log, messages);
  tell_messages(loaded.has_value(), messages, log);
  if (!loaded) return std::unexpected(loaded.error());
  std::optional<LoadedProgram> program(std::move(*loaded));
  if (auto attached = attach_hooks(*program, log); !attached) return attached;
  program->session.release_memory();

  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  const bool can_end = !program->session.needs_rights_to_detach();
  if (!can_end)
    log.warning("its kprobes stay in kprobe_events unless they are taken out with rights");
  const Sandbox sandbox({}, options.sandbox && can_end, log);
  if (auto entered = sandbox.enter([] { return Result<void>(); }); !entered) return entered;
  const TraceLoop loop{.deadline = deadline_in(options.duration_s),
                       .every_second = {},
                       .stop_events = [&program] { program.reset(); },
                       .print_rest = options.duration_s != 0.0};
  auto result = loop.run(source, rows.printer, *signals);
  report_losses(source.counts(), log);
  rows.filter.report(log);
  return result;
}

}  // namespace disksnoop
