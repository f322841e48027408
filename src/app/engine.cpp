#include "app/engine.h"

#include <fmt/format.h>

#include <utility>

#include "program/program_headers.h"

namespace disksnoop {
namespace {

std::string_view name_of(HookKind kind) {
  return kind == HookKind::kKprobe ? "kprobe" : "raw tracepoint";
}

Result<LoadedProgram> compile_and_load(const BccSession::Source& source, const ProbePlan& plan,
                                       std::vector<std::string> functions, std::string& messages) {
  auto session = BccSession::compile(source, messages);
  if (!session) return std::unexpected(session.error());
  for (const Hook& hook : plan.hooks) {
    functions.push_back(hook.function);
    if (!hook.other_function.empty()) functions.push_back(hook.other_function);
  }
  for (const std::string& function : functions) {
    const auto loaded = session->load(function, messages);
    if (!loaded) return std::unexpected(loaded.error());
  }
  return LoadedProgram{std::move(*session), plan.hooks};
}

/// With its other function if the kernel does not take the first one: only here
/// it says that a tracepoint has fewer arguments than are read
/// (__bpf_probe_register in kernel/trace/bpf_trace.c).
Result<void> attach(BccSession& session, const Hook& hook, std::string& messages) {
  auto attached = session.attach(hook, messages);
  if (attached || hook.other_function.empty()) return attached;
  Hook other = hook;
  other.function = hook.other_function;
  return session.attach(other, messages);
}

Result<void> attach_all(LoadedProgram& program, std::string& messages) {
  for (const Hook& hook : program.hooks) {
    if (auto attached = attach(program.session, hook, messages); !attached) return attached;
  }
  return {};
}

}  // namespace

std::string describe(const Hook& hook) {
  return fmt::format("{} {} runs {} ({})", name_of(hook.kind), hook.target, hook.function,
                     hook.reason);
}

void tell_plan(const ProbePlan& plan, const Log& log) {
  for (const std::string& note : plan.notes) log.detail(note);
  for (const Hook& hook : plan.hooks) {
    log.detail(describe(hook));
  }
  for (const std::string& info : plan.infos) log.info(info);
  for (const std::string& warning : plan.warnings) log.warning(warning);
}

void tell_messages(bool well, std::string_view messages, const Log& log) {
  if (well) {
    log.foreign_text(messages);
  } else {
    Log(true).foreign_text(messages);
  }
}

Result<LoadedProgram> load_program(const ProgramText& program, const ProbePlan& plan,
                                   const Result<KernelBtf>& btf, const Options& options,
                                   const Log& log, std::string& messages) {
  const auto headers = find_headers(options.headers, program.text, btf, Root());
  if (!headers) return std::unexpected(headers.error());
  log.detail(fmt::format("headers: {}", headers->description));
  BccSession::Source source = headers->source_of(program.text, program.clang_flags);
  source.engine = plan.engine;
  source.confined = options.sandbox;
  source.kernel_function = program.kernel_function;
  return compile_and_load(source, plan, program.functions, messages);
}

Result<void> attach_hooks(LoadedProgram& program, const Log& log) {
  std::string messages;
  auto attached = attach_all(program, messages);
  tell_messages(attached.has_value(), messages, log);
  return attached;
}

}  // namespace disksnoop
