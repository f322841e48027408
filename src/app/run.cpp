#include "app/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/trace_loop.h"
#include "core/probe_plan.h"
#include "kernel/bcc_session.h"
#include "kernel/files.h"
#include "kernel/kernel_headers.h"
#include "kernel/symbol_files.h"
#include "kernel/trace_pipe.h"
#include "kernel/tracefs.h"
#include "programs.h"

namespace disksnoop {
namespace {

Dialect dialect_of(Format format) {
  return format == Format::kBcc ? Dialect::kBcc : Dialect::kSeed;
}

/// One line on what the stream held beside rows; nothing if that is nothing.
void report_losses(const TracePipe& source, const Log& log) {
  if (source.foreign_lines() == 0 && source.lost_events() == 0) return;
  log.info(fmt::format("{} foreign lines skipped, {} events lost", source.foreign_lines(),
                       source.lost_events()));
}

Result<bool> print_header(Output& output) {
  output.buffer() += table_header();
  return output.flush();
}

Result<void> replay(const Options& options, const Log& log) {
  UniqueFd fd(*options.replay == "-"
                  ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                  : ::open(options.replay->c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(fmt::format("cannot open {}: {}", *options.replay, std::strerror(errno)));
  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  Output output(STDOUT_FILENO);
  const auto reader_is_there = print_header(output);
  if (!reader_is_there) return std::unexpected(reader_is_there.error());
  if (!*reader_is_there) return {};
  TracePipe source(std::move(fd), TracePipe::AtEnd::kEnds, dialect_of(options.format));
  const auto result = print_rows(source, *signals, output, options.format, {{}, options.count});
  report_losses(source, log);
  return result;
}

void tell_plan(const ProbePlan& plan, const Log& log) {
  for (const std::string& note : plan.notes) log.detail(note);
  for (const Hook& hook : plan.hooks) {
    log.detail(fmt::format("{} on {} runs {} ({})",
                           hook.kind == HookKind::kKprobe ? "kprobe" : "raw tracepoint",
                           hook.target, hook.function, hook.reason));
  }
  for (const std::string& warning : plan.warnings) log.warning(warning);
}

Result<BccSession> start_session(std::string_view program, const ProbePlan& plan, const Log& log) {
  std::string messages;
  const auto started = [&]() -> Result<BccSession> {
    if (const auto headers = check_kernel_headers(Root()); !headers) {
      return std::unexpected(headers.error());
    }
    auto session = BccSession::compile(program, {}, messages);
    if (!session) return session;
    for (const Hook& hook : plan.hooks) {
      if (const auto attached = session->attach(hook, messages); !attached) {
        return std::unexpected(attached.error());
      }
    }
    return session;
  };
  auto session = started();
  // What libbcc said is noise when all went well, and the cause when not.
  if (session) {
    log.foreign_text(messages);
  } else {
    Log(true).foreign_text(messages);
  }
  return session;
}

Result<void> trace_original(const Options& options, const Log& log) {
  const Root root;
  const auto tracefs = find_tracefs(root);
  if (!tracefs) return std::unexpected(tracefs.error());
  const KernelFacts facts{has_kprobes(root, *tracefs), read_symbol_files(root, *tracefs)};
  const auto plan = plan_original(facts);
  if (!plan) return std::unexpected(plan.error());
  tell_plan(*plan, log);

  // Opened first: a busy pipe is told at once, and no line is missed.
  const auto pipe = open_trace_pipe(root, *tracefs);
  if (!pipe) return std::unexpected(pipe.error());
  TracePipe source(UniqueFd(*pipe), TracePipe::AtEnd::kWaits, dialect_of(options.format));
  const auto session = start_session(kOriginalProgram, *plan, log);
  if (!session) return std::unexpected(session.error());

  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  Output output(STDOUT_FILENO);
  const auto reader_is_there = print_header(output);
  if (!reader_is_there) return std::unexpected(reader_is_there.error());
  if (!*reader_is_there) return {};
  TraceLimits limits{{}, options.count};
  if (options.duration_s) {
    limits.deadline = std::chrono::steady_clock::now() +
                      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                          std::chrono::duration<double>(*options.duration_s));
  }
  const auto result = print_rows(source, *signals, output, options.format, limits);
  report_losses(source, log);
  return result;
}

}  // namespace

Result<void> run(const Options& options, const Log& log) {
  if (options.print_bpf) {
    Output output(STDOUT_FILENO);
    output.buffer() += kOriginalProgram;
    const auto written = output.flush();
    return written ? Result<void>() : std::unexpected(written.error());
  }
  if (options.replay) return replay(options, log);
  return trace_original(options, log);
}

}  // namespace disksnoop
