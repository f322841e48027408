#include <ranges>

#include "app/engine.h"
#include "app/program_room.h"
#include "app/program_setup.h"
#include "app/sandbox.h"
#include "app/tracepoint_outcome.h"
#include "app/typed_program.h"
#include "tracepoint/program_config.h"
#include "tracepoint/tracepoint_source.h"
#include "tracepoint/typed_reads.h"
#include "tracepoint/wanted.h"

namespace disksnoop {
namespace {

void report_losses(const BccSession& session, const TracepointSource& source,
                   TracepointOutcome& outcome, const Log& log) {
  auto losses = source.losses();
  if (!losses) return log.warning(losses.error().message);
  losses->skipped_runs = session.skipped_runs();
  if (!log.verbose()) {
    losses->without_slot = 0;
    losses->filtered = 0;
  }
  log.info(outcome.describe(*losses));
}

void report_in_flight(const Result<std::vector<InFlight>>& requests, const Log& log) {
  if (!requests) return log.warning(requests.error().message);
  for (const std::string& line : describe_hanging(*requests)) log.info(line);
}

/// Detaches the hooks. No new requests first; then, while completions are still
/// watched, what is left in the hash is what has not completed. (Afterwards it
/// might have, unseen.)
Result<std::vector<InFlight>> stop(LoadedProgram& program, TracepointSource& source) {
  const auto detach = [&](bool that_begin) {
    for (const Hook& hook : std::views::reverse(program.hooks)) {
      if (hook.begins == that_begin) program.session.detach_raw_tracepoint(hook.target);
    }
  };
  if (auto stopping = source.stopping(); !stopping) return std::unexpected(stopping.error());
  detach(true);
  auto in_flight = source.in_flight();
  detach(false);
  return in_flight;
}

Result<LoadedProgram> load(const ProgramConfig& config, const ProgramRoom& room,
                           const ProbePlan& plan, const Result<KernelBtf>& btf,
                           const Options& options, const Log& log) {
  ProgramText program = {
      .text = config.text, .clang_flags = clang_flags(plan, room), .functions = {"begin", "ask"}};
  if (config.bios) program.functions.emplace_back("ask_bio");
  return load_with_typed_reads(program, btf ? typed_reads(config.text, *btf) : std::nullopt, plan,
                               btf, options, log);
}

/// From then on this process has no right that it does not need.
Result<void> close_sandbox(TracepointOutcome& outcome, const Options& options, const Log& log) {
  SandboxNeeds needs{.bpf = true, .port = {}, .renewed_directories = outcome.renewed_directories()};
  if (options.metrics.listen) needs.port = options.metrics.listen->port;
  return Sandbox(std::move(needs), options.sandbox, log).enter([&] { return outcome.start(); });
}

/// From the moment that all is attached.
Result<void> trace(LoadedProgram& program, TracepointSource& source, TracepointOutcome& outcome,
                   Wanted& wanted, const Options& options, const Log& log) {
  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  if (auto closed = close_sandbox(outcome, options, log); !closed) return closed;
  Result<std::vector<InFlight>> in_flight;
  TraceLoop loop{.deadline = deadline_in(options.duration_s),
                 .every_second = {},
                 .stop_events = [&] { in_flight = stop(program, source); },
                 .print_rest = outcome.wants_rest()};
  const bool reports = log.verbose();
  if (reports || outcome.has_seconds() || !options.filter.cgroups.empty()) {
    loop.every_second = [&] {
      outcome.every_second(source);
      if (const auto looked = wanted.look_again(); !looked) log.warning(looked.error().message);
      if (reports) report_losses(program.session, source, outcome, log.without_waiting());
    };
  }
  auto result = loop.run(source, outcome.printer(), *signals);
  const auto finished = outcome.finish(source);
  report_losses(program.session, source, outcome, log);
  report_in_flight(in_flight, log);
  if (result) return finished;
  if (!finished) log.warning(finished.error().message);
  return result;
}

}  // namespace

Result<void> run_tracepoint(const ProbePlan& base_plan, const Result<KernelBtf>& btf,
                            const Options& options, const Log& log) {
  const auto config = configure(options, btf);
  if (!config) return std::unexpected(config.error());
  auto wanted = Wanted::find(options.filter, Root());
  if (!wanted) return std::unexpected(wanted.error());
  auto outcome = make_outcome(options, log);
  if (!outcome) return std::unexpected(outcome.error());
  for (const std::string& line : wanted->awaited()) log.warning(line);
  const ProbePlan plan = with_hooks(base_plan, *config);
  tell_plan(plan, log);
  for (const std::string& warning : config->warnings) log.warning(warning);
  const auto room = choose_room(options, *config);
  if (!room) return std::unexpected(room.error());
  for (const std::string& line : describe(*room)) log.detail(line);
  if (const auto shortage = describe_shortage(room->in_flight)) log.warning(*shortage);
  auto program = load(*config, *room, plan, btf, options, log);
  if (!program) return std::unexpected(program.error());
  BccSession& session = program->session;
  const OperationTable operations = operation_table(btf);
  std::string messages;
  const auto source = (*outcome)->open_source({session, *config, operations, *room}, messages);
  tell_messages(source.has_value(), messages, log);
  if (!source) return std::unexpected(source.error());
  const auto map_fd = [&session](const std::string& name) { return session.map_fd(name); };
  if (auto filled = wanted->fill(map_fd); !filled) return filled;
  if (auto attached = attach_hooks(*program, log); !attached) return attached;
  if (auto started = (*source)->started(); !started) return started;
  session.release_memory();
  return trace(*program, **source, **outcome, *wanted, options, log);
}

}  // namespace disksnoop
