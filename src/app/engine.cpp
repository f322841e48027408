#include "app/engine.h"

#include <fmt/format.h>

#include "app/program_headers.h"

namespace disksnoop {
namespace {

std::string_view name_of(HookKind kind) {
  return kind == HookKind::kKprobe ? "kprobe" : "raw tracepoint";
}

Result<void> attach(BccSession& session, const Hook& hook, std::string& messages) {
  auto attached = session.attach(hook, messages);
  if (attached || hook.other_function.empty()) return attached;
  Hook other = hook;
  other.function = hook.other_function;
  return session.attach(other, messages);
}

Result<BccSession> compile_and_attach(const BccSession::Source& source, const ProbePlan& plan,
                                      std::string& messages) {
  auto session = BccSession::compile(source, messages);
  if (!session) return session;
  for (const Hook& hook : plan.hooks) {
    const auto attached = attach(*session, hook, messages);
    if (!attached) return std::unexpected(attached.error());
  }
  session->release_memory();
  return session;
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

Result<BccSession> start_session(std::string_view program,
                                 const std::vector<std::string>& clang_flags, const ProbePlan& plan,
                                 const Result<KernelBtf>& btf, const Options& options,
                                 const Log& log) {
  const auto headers = find_headers(options.headers, program, btf, Root());
  if (!headers) return std::unexpected(headers.error());
  log.detail(fmt::format("headers: {}", headers->description));
  std::string messages;
  auto session = compile_and_attach(headers->source_of(program, clang_flags), plan, messages);
  // Noise when all went well, and the cause when not.
  if (session) {
    log.foreign_text(messages);
  } else {
    Log(true).foreign_text(messages);
  }
  return session;
}

}  // namespace disksnoop
