#include "original/original_plan.h"

#include <fmt/format.h>

#include <array>
#include <span>

namespace disksnoop {
namespace {

constexpr std::string_view kLegacyStart = "blk_start_request";  // gone since 5.0
constexpr std::string_view kStart = "blk_mq_start_request";
// Before 6.4, where it was not inlined; traceable before 5.16; everywhere.
constexpr std::array<std::string_view, 3> kCompletions = {
    "__blk_account_io_done", "blk_account_io_done", "blk_mq_end_request"};

Hook kprobe(std::string_view symbol, std::string_view function, std::string_view reason) {
  return {HookKind::kKprobe, std::string(symbol), std::string(function), std::string(reason)};
}

/// Says which files could not be read, so that a decision made without one
/// is not taken for a decision made with it.
std::vector<std::string> notes_on_missing_files(const SymbolFiles& files) {
  std::vector<std::string> notes;
  const auto note = [&notes](const Result<std::string>& file, std::string_view without) {
    if (!file) notes.push_back(fmt::format("{}: {}", file.error().message, without));
  };
  note(files.kallsyms, "decided without the kernel's symbols");
  note(files.blacklist, "decided without the kprobe blacklist");
  note(files.available_filter_functions,
       "decided without the list of traceable functions; a chosen one may be inlined");
  return notes;
}

std::string describe_all(const SymbolStates& states, std::span<const std::string_view> symbols) {
  std::string text;
  for (const std::string_view symbol : symbols) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", symbol,
                        describe(states.find(symbol)->second));
  }
  return text;
}

std::string warning_for(std::string_view completion) {
  if (completion == "blk_mq_end_request") {
    return "blk_mq_end_request is not called for every request: those of NVMe and SCSI/SATA disks "
           "are missing from the rows; --engine=tracepoint shows all";
  }
  // blk_update_request() clears __data_len before it is called (bcc #3640).
  return fmt::format(
      "{} runs after the kernel has cleared the size: BYTES is 0 and a read is shown as M, as in "
      "disksnoop.py; --engine=tracepoint shows the truth",
      completion);
}

}  // namespace

Result<ProbePlan> plan_original(const KprobeFacts& facts) {
  if (!facts.kprobes) {
    return fail("the original engine needs kprobes, and this kernel has none (CONFIG_KPROBES)");
  }
  const SymbolFiles& files = facts.symbols;
  if (!files.kallsyms && !files.available_filter_functions) {
    return fail(fmt::format("cannot tell which functions can be probed: {}; {}",
                            files.kallsyms.error().message,
                            files.available_filter_functions.error().message));
  }
  const std::array<std::string_view, 5> wanted = {kLegacyStart, kStart, kCompletions[0],
                                                  kCompletions[1], kCompletions[2]};
  const SymbolStates states = check_symbols(files, wanted);
  const auto state_of = [&states](std::string_view symbol) { return states.find(symbol)->second; };
  const auto probeable = [&](std::string_view symbol) {
    return state_of(symbol) == SymbolState::kProbeable;
  };

  ProbePlan plan{.engine = Engine::kOriginal, .notes = notes_on_missing_files(files)};
  if (probeable(kLegacyStart)) {
    plan.hooks.push_back(kprobe(kLegacyStart, "trace_start", "this kernel has it"));
  } else {
    plan.notes.push_back(fmt::format("{} {}", kLegacyStart, describe(state_of(kLegacyStart))));
  }
  if (!probeable(kStart)) {
    return fail(fmt::format("no kprobe for the start of a request: {}",
                            describe_all(states, std::array{kLegacyStart, kStart})));
  }
  plan.hooks.push_back(kprobe(kStart, "trace_start", "always"));

  for (const std::string_view completion : kCompletions) {
    if (!probeable(completion)) {
      plan.notes.push_back(fmt::format("{} {}", completion, describe(state_of(completion))));
      continue;
    }
    plan.hooks.push_back(kprobe(completion, "trace_completion", "the first that can be probed"));
    plan.warnings.push_back(warning_for(completion));
    if (completion == kCompletions.back()) {
      plan.unlike_original =
          describe_all(states, std::span(kCompletions).first(kCompletions.size() - 1));
    }
    return plan;
  }
  return fail(fmt::format("no kprobe for the completion of a request: {}",
                          describe_all(states, kCompletions)));
}

}  // namespace disksnoop
