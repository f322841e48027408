#include <fmt/format.h>
#include <unistd.h>

#include "app/engine.h"
#include "app/trace_report.h"
#include "kernel/trace_pipe.h"
#include "kernel/tracefs.h"
#include "programs.h"

namespace disksnoop {
namespace {

/// bpf_trace_printk() writes nothing then, and disksnoop.py waits in silence.
void warn_if_tracing_is_off(const std::filesystem::path& tracefs, const Log& log) {
  const auto on = read_file(tracefs / "tracing_on");
  if (!on || !on->starts_with('0')) return;
  log.warning(fmt::format("tracing is switched off, so no rows will come: echo 1 > {}",
                          (tracefs / "tracing_on").string()));
}

}  // namespace

Result<void> run_original(const ProbePlan& plan, const Result<KernelBtf>& btf,
                          const Options& options, const Log& log) {
  const Root root;
  const auto tracefs = find_tracefs(root);
  if (!tracefs) return std::unexpected(tracefs.error());
  // Opened first: a busy pipe is told at once, and no line is missed.
  const auto pipe = open_trace_pipe(root, *tracefs);
  if (!pipe) return std::unexpected(pipe.error());
  warn_if_tracing_is_off(*tracefs, log);
  TracePipe source(UniqueFd(*pipe), TracePipe::AtEnd::kWaits, dialect_of(options.format));
  auto loaded = load_program(kOriginalProgram, {}, plan, btf, options, log);
  if (!loaded) return std::unexpected(loaded.error());
  std::optional<LoadedProgram> program(std::move(*loaded));
  if (auto attached = attach_hooks(*program, log); !attached) return attached;
  program->session.release_memory();

  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  RowPrinter printer(Output(STDOUT_FILENO, signals->fd()), options.format, options.count);
  const TraceLoop loop{.deadline = deadline_in(options.duration_s),
                       .every_second = {},
                       .stop_events = [&program] { program.reset(); },
                       .print_rest = options.duration_s != 0.0};
  auto result = loop.run(source, printer, *signals);
  report_losses(source.counts(), log);
  report_cut_short(printer, log);
  return result;
}

}  // namespace disksnoop
