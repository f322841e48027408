#include "app/engine.h"

#include <fmt/format.h>

#include <utility>

#include "app/program_headers.h"

namespace disksnoop {
namespace {

std::string_view name_of(HookKind kind) {
  return kind == HookKind::kKprobe ? "kprobe" : "raw tracepoint";
}

/// The hook with the one of its functions that the kernel takes, which is loaded.
Result<Hook> load(BccSession& session, const Hook& hook, std::string& messages) {
  Hook taken = hook;
  auto loaded = session.load(hook.kind, hook.function, messages);
  if (!loaded && !hook.other_function.empty()) {
    taken.function = hook.other_function;
    loaded = session.load(taken.kind, taken.function, messages);
  }
  if (!loaded) return std::unexpected(loaded.error());
  return taken;
}

Result<LoadedProgram> compile_and_load(const BccSession::Source& source, const ProbePlan& plan,
                                       std::string& messages) {
  auto session = BccSession::compile(source, messages);
  if (!session) return std::unexpected(session.error());
  LoadedProgram program{std::move(*session), {}};
  for (const Hook& hook : plan.hooks) {
    auto loaded = load(program.session, hook, messages);
    if (!loaded) return std::unexpected(loaded.error());
    program.hooks.push_back(std::move(*loaded));
  }
  return program;
}

Result<void> attach_all(LoadedProgram& program, std::string& messages) {
  for (const Hook& hook : program.hooks) {
    if (auto attached = program.session.attach(hook, messages); !attached) return attached;
  }
  return {};
}

/// Noise when all went well, and the cause when not.
void tell_messages(bool well, std::string_view messages, const Log& log) {
  if (well) {
    log.foreign_text(messages);
  } else {
    Log(true).foreign_text(messages);
  }
}

}  // namespace

void tell_plan(const ProbePlan& plan, const Log& log) {
  for (const std::string& note : plan.notes) log.detail(note);
  for (const Hook& hook : plan.hooks) {
    log.detail(fmt::format("{} {} runs {} ({})", name_of(hook.kind), hook.target, hook.function,
                           hook.reason));
  }
  for (const std::string& info : plan.infos) log.info(info);
  for (const std::string& warning : plan.warnings) log.warning(warning);
}

Result<LoadedProgram> load_program(std::string_view program,
                                   const std::vector<std::string>& clang_flags,
                                   const ProbePlan& plan, const Result<KernelBtf>& btf,
                                   const Options& options, const Log& log) {
  const auto headers = find_headers(options.headers, program, btf, Root());
  if (!headers) return std::unexpected(headers.error());
  log.detail(fmt::format("headers: {}", headers->description));
  std::string messages;
  auto loaded = compile_and_load(headers->source_of(program, clang_flags), plan, messages);
  tell_messages(loaded.has_value(), messages, log);
  return loaded;
}

Result<void> attach_hooks(LoadedProgram& program, const Log& log) {
  std::string messages;
  auto attached = attach_all(program, messages);
  tell_messages(attached.has_value(), messages, log);
  return attached;
}

}  // namespace disksnoop
