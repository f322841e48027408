#include "app/typed_program.h"

#include <fmt/format.h>

namespace disksnoop {
namespace {

ProgramText with_reads(ProgramText program, const TypedReads& reads) {
  program.kernel_function = reads.function;
  program.clang_flags.insert(program.clang_flags.end(), reads.clang_flags.begin(),
                             reads.clang_flags.end());
  return program;
}

}  // namespace

Result<LoadedProgram> load_with_typed_reads(const ProgramText& program,
                                            const std::optional<TypedReads>& reads,
                                            const ProbePlan& plan, const Result<KernelBtf>& btf,
                                            const Options& options, const Log& log) {
  if (reads) {
    std::string messages;
    auto typed = load_program(with_reads(program, *reads), plan, btf, options, log, messages);
    log.foreign_text(messages);
    log.detail(typed ? "reads by plain loads (bpf_rdonly_cast)"
                     : fmt::format("no reads by plain loads: {}", typed.error().message));
    if (typed) return typed;
  }
  std::string messages;
  auto loaded = load_program(program, plan, btf, options, log, messages);
  tell_messages(loaded.has_value(), messages, log);
  return loaded;
}

}  // namespace disksnoop
