#include "tracepoint/program_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "block_rq.h"
#include "programs.h"
#include "tracepoint/tracepoint_plan.h"

namespace disksnoop {
namespace {

/// What stands before each part, or why the kernel cannot have it; with the reason
/// of a part that it needs.
using Prologues = std::map<std::string_view, Result<std::string>>;

const Result<std::string>& prologue_of(const Part& part, const PartFacts& facts, Prologues& known) {
  if (const auto found = known.find(part.name); found != known.end()) return found->second;
  for (const std::string_view needed : part.needs) {
    const auto& prologue = prologue_of(find_part(needed), facts, known);
    if (!prologue) return known.insert({part.name, prologue}).first->second;
  }
  return known.insert({part.name, part.prologue(facts)}).first->second;
}

void add_with_needs(const Part& part, std::vector<const Part*>& chosen) {
  for (const std::string_view needed : part.needs) add_with_needs(find_part(needed), chosen);
  if (std::ranges::find(chosen, &part) == chosen.end()) chosen.push_back(&part);
}

std::string_view text_of(const Part& part) {
  return std::ranges::find(kProgramParts, part.name, &ProgramPart::name)->text;
}

using Moment = Part::Moment;

/// One statement or member for each part of that moment.
std::string for_each(const ProgramConfig& config, Moment when, std::string_view form) {
  std::string text;
  for (const Part* part : config.parts) {
    if (part->when == when) text += fmt::format(fmt::runtime(form), fmt::arg("part", part->name));
  }
  return text;
}

/// What joins the parts with block_rq.c, which says what each of it is for.
std::string glue(const ProgramConfig& config, bool has_disk_filter) {
  const std::string issue = for_each(config, Moment::kIssue, " struct {part}_part {part};");
  const std::string completion =
      for_each(config, Moment::kCompletion, " struct {part}_part {part};");
  return fmt::format(
      "struct entry_t {{ struct start_t start;{} }};\n"
      "struct record_t {{ struct event_t event;{}{} }};\n"
      "#define WANTED(REQ) {}\n"
      "#define AT_ISSUE(CTX, REQ, ENTRY) {{{} }}\n"
      "#define KEEP_PARTS(ENTRY, BEFORE) {{{} }}\n"
      "#define AT_COMPLETION(REQ, ERROR, RECORD, ENTRY) {{{}{} }}\n",
      issue, issue, completion, has_disk_filter ? "wanted_disk(REQ)" : "1",
      for_each(config, Moment::kIssue, " {part}_at_issue(CTX, REQ, &(ENTRY).{part});"),
      for_each(config, Moment::kIssue, " (ENTRY).{part} = (BEFORE)->{part};"),
      for_each(config, Moment::kIssue, " (RECORD).{part} = (ENTRY)->{part};"),
      for_each(config, Moment::kCompletion,
               " {part}_at_completion(REQ, ERROR, &(RECORD).{part});"));
}

/// Where a bio stands among the arguments, or why it is none of them.
Result<Hook> hook_of(const Part& part, const PartFacts& facts) {
  Hook hook{HookKind::kRawTracepoint, std::string(part.tracepoint), std::string(part.function), ""};
  const TracepointArguments arguments = facts.types != nullptr
                                            ? facts.types->raw_tracepoint_arguments(part.tracepoint)
                                            : std::nullopt;
  if (!arguments) return fail(fmt::format("it is not known what {} has", part.tracepoint));
  if (arguments->front() == "bio") {
    hook.reason = "its arguments are (bio)";
    return hook;
  }
  if (arguments->size() < 2 || arguments->at(1) != "bio") {
    return fail(fmt::format("{} has no bio", part.tracepoint));
  }
  hook.function += "_q";
  hook.reason = "its arguments are (q, bio, rw)";
  return hook;
}

ErrorNumbers error_numbers(const PartFacts& facts) {
  if (facts.types == nullptr) return ErrorNumbers::kBlkStatus;
  const auto arguments = facts.types->raw_tracepoint_arguments("block_rq_complete");
  if (arguments && arguments->size() > 1 && arguments->at(1) == "int") return ErrorNumbers::kErrno;
  return facts.types->find_member("block_device", "__bd_flags") ? ErrorNumbers::kBlkStatus610
                                                                : ErrorNumbers::kBlkStatus;
}

/// The flags of which one is set in each request that the kernel has stamped.
std::string stamped_macro(const PartFacts& facts) {
  if (facts.types == nullptr) return "";
  const auto counted = facts.types->enumerator("rqf_flags", "__RQF_IO_STAT");
  const auto flush = facts.types->enumerator("rqf_flags", "__RQF_FLUSH_SEQ");
  if (!counted || !flush) return "";
  return fmt::format("#define STAMPED (1U << {} | 1U << {})\n", *counted, *flush);
}

std::size_t size_of(const std::vector<const Part*>& parts, Moment when) {
  std::size_t size = 0;
  for (const Part* part : parts) size += part->when == when ? part->size : 0;
  return size;
}

}  // namespace

std::size_t ProgramConfig::entry_size() const {
  return sizeof(start_t) + size_of(parts, Moment::kIssue);
}

std::size_t ProgramConfig::record_size() const {
  return sizeof(event_t) + size_of(parts, Moment::kIssue) + size_of(parts, Moment::kCompletion);
}

Result<ProgramConfig> configure_program(const Columns& columns, const std::string& disk_condition,
                                        const PartFacts& facts) {
  ProgramConfig config;
  config.errors = error_numbers(facts);
  Prologues prologues;
  std::map<std::string_view, Hook> hooks;
  for (const Part& part : parts()) {
    if (part.tracepoint.empty()) continue;
    auto hook = hook_of(part, facts);
    if (!hook) {
      prologues.insert({part.name, std::unexpected(hook.error())});
    } else {
      hooks.insert({part.name, std::move(*hook)});
    }
  }

  if (!disk_condition.empty()) {
    const Part& filter = find_part("disk_filter");
    if (const auto& prologue = prologue_of(filter, facts, prologues); !prologue) {
      return fail(fmt::format("--disk: {}", prologue.error().message));
    }
    add_with_needs(filter, config.parts);
  }
  for (const Part& part : parts()) {
    for (const Column* column : columns) {
      if (std::ranges::find(part.columns, column->name) == part.columns.end()) continue;
      if (const auto& prologue = prologue_of(part, facts, prologues); !prologue) {
        config.warnings.push_back(
            fmt::format("the column {} is - here: {}", column->name, prologue.error().message));
      } else {
        add_with_needs(part, config.parts);
      }
    }
  }
  // An event has what was taken at the issue first: so the table has it.
  std::ranges::sort(config.parts);

  config.text = fmt::format("{}{}{}", kBlockRqRecords, stamped_macro(facts), kBlockRqCommon);
  if (!disk_condition.empty())
    config.text += fmt::format("#define DISK_WANTED {}\n", disk_condition);
  for (const Part* part : config.parts) {
    config.text += fmt::format("{}{}", *prologues.at(part->name), text_of(*part));
    if (const auto hook = hooks.find(part->name); hook != hooks.end()) {
      config.hooks.push_back(hook->second);
    }
  }
  config.text += fmt::format("{}{}", glue(config, !disk_condition.empty()), kBlockRqBody);
  return config;
}

ProbePlan with_hooks(ProbePlan plan, const std::vector<Hook>& hooks) {
  plan.hooks.insert(std::prev(plan.hooks.end()), hooks.begin(), hooks.end());
  return plan;
}

}  // namespace disksnoop
