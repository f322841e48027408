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

std::string_view text_of(const Part& part) {
  return std::ranges::find(kProgramParts, part.name, &ProgramPart::name)->text;
}

using Moment = Part::Moment;

/// One statement or member for each part of that moment.
std::string for_each(const ProgramConfig& config, Moment when, std::string_view form,
                     bool of_bio = false) {
  std::string text;
  for (const Part* part : config.parts) {
    if (moment_of(*part, config.bios) != when || (of_bio && part->only_requests)) continue;
    text += fmt::format(fmt::runtime(form), fmt::arg("part", part->name));
  }
  return text;
}

/// What only a completion tells.
std::string kept_macro(const ProgramFilter& filter) {
  std::string condition;
  if (filter.min_ns) condition += fmt::format(" && (NS) >= {}ULL", *filter.min_ns);
  if (filter.errors) condition += " && (ERROR) != 0";
  return condition.empty() ? "" : fmt::format("#define KEPT(NS, ERROR) (1{})\n", condition);
}

/// What becomes of a completed request.
struct Delivery {
  bool rows;     ///< a record is sent
  bool summary;  ///< it is counted in a line
};

std::string deliver_macro(const Delivery& delivery) {
  const std::string_view ns = delivery.rows ? "send_record(CTX, REQ, ERROR, ENTRY)"
                                            : "bpf_ktime_get_ns() - (ENTRY)->start.ts";
  return fmt::format(
      "#define DELIVER(CTX, REQ, ERROR, ENTRY) {}\n",
      delivery.summary ? fmt::format("count_request(REQ, ERROR, ENTRY, {})", ns) : std::string(ns));
}

/// What joins the parts with rows.h and summary.h.
std::string delivery_glue(const ProgramConfig& config, const Delivery& delivery) {
  std::string text = deliver_macro(delivery);
  if (delivery.summary) text += "#define WITH_SUMMARY\n";
  if (delivery.rows) {
    text += fmt::format("struct record_t {{ struct event_t event;{}{} }};\n"
                        "#define AT_COMPLETION(REQ, ERROR, RECORD, ENTRY) {{{}{} }}\n",
                        for_each(config, Moment::kIssue, " struct {part}_part {part};"),
                        for_each(config, Moment::kCompletion, " struct {part}_part {part};"),
                        for_each(config, Moment::kIssue, " (RECORD).{part} = (ENTRY)->{part};"),
                        for_each(config, Moment::kCompletion,
                                 " {part}_at_completion(REQ, ERROR, &(RECORD).{part});"));
  }
  if (delivery.summary) {
    text += fmt::format("struct line_key_t {{{} }} __attribute__((aligned(8)));\n#define "
                        "AT_KEY(REQ, ENTRY, KEY) {{{} }}\n",
                        for_each(config, Moment::kKey, " struct {part}_part {part};"),
                        for_each(config, Moment::kKey, " {part}_key(REQ, ENTRY, &(KEY)->{part});"));
  }
  return text;
}

/// What the parts take at the issue, or at the queue of a bio.
std::string at_issue_macro(const ProgramConfig& config, std::string_view name, bool of_bio) {
  return fmt::format(
      "#define {}(CTX, ISSUED, ENTRY) {{{}{} }}\n", name,
      for_each(config, Moment::kIssue, " {part}_at_issue(CTX, ISSUED, &(ENTRY).{part});", of_bio),
      for_each(config, Moment::kAfterIssue, " {part}_after_issue(CTX, ISSUED);"));
}

/// What joins them with block_bio.c.
std::string bio_glue(const ProgramConfig& config) {
  if (!config.bios) return "";
  return fmt::format("#define WANTED_BIO(ISSUED) (1{})\n{}",
                     for_each(config, Moment::kFilter, " && {part}_of_bio(ISSUED)"),
                     at_issue_macro(config, "AT_BIO_QUEUE", true));
}

/// What joins the parts with block_rq.c, which says what each of it is for.
std::string glue(const ProgramConfig& config, const ProgramFilter& filter) {
  const bool by_process = filter.processes || !filter.comm_condition.empty();
  const std::string at_issue = for_each(config, Moment::kFilterAtIssue, " && {part}(CTX, ISSUED)");
  return fmt::format("struct entry_t {{ struct start_t start;{} }};\n"
                     "#define WANTED(REQ) (1{})\n"
                     "#define LEAVE_OUT(REQ) {}\n"
                     "#define MAY_BE_WANTED(REQ) (1{})\n"
                     "#define WANTED_AT_ISSUE(CTX, ISSUED) (1{})\n"
                     "{}{}{}{}",
                     for_each(config, Moment::kIssue, " struct {part}_part {part};"),
                     for_each(config, Moment::kFilter, " && {part}(REQ)"),
                     by_process ? "leave_submitter_out(REQ)" : "",
                     by_process ? " && process_may_be_wanted(REQ)" : "", at_issue,
                     at_issue.empty() ? "" : "#define WANTED_IS_KNOWN_AT_ISSUE\n",
                     at_issue_macro(config, "AT_ISSUE", false), kept_macro(filter),
                     bio_glue(config));
}

/// Runs `function` with a struct of this name, or the one of its name with _q where that comes
/// after a queue. Error: why this kernel has no such hook.
Result<Hook> hook_on(std::string_view tracepoint, std::string_view function,
                     std::string_view argument, const PartFacts& facts) {
  Hook hook{HookKind::kRawTracepoint, std::string(tracepoint), std::string(function), ""};
  if (facts.types == nullptr) return fail("this kernel has no BTF");
  const TracepointArguments arguments = facts.types->raw_tracepoint_arguments(tracepoint);
  if (!arguments || arguments->empty()) {
    return fail(fmt::format("it is not known what {} has", tracepoint));
  }
  if (arguments->front() == argument) {
    hook.reason = fmt::format("its arguments begin with a {}", argument);
    return hook;
  }
  if (arguments->size() < 2 || arguments->at(1) != argument) {
    return fail(fmt::format("{} has no {}", tracepoint, argument));
  }
  hook.function += "_q";
  hook.reason = fmt::format("its arguments begin with a q and a {}", argument);
  return hook;
}

Result<Hook> hook_of(const Part& part, const PartFacts& facts) {
  return hook_on(part.tracepoint, part.function, part.argument, facts);
}

/// Adds those of devices without requests.
Result<void> add_bio_hooks(std::vector<Hook>& hooks, const PartFacts& facts) {
  auto queue = hook_on("block_bio_queue", "trace_bio_queue", "bio", facts);
  if (!queue) return std::unexpected(queue.error());
  queue->begins = true;
  hooks.push_back({HookKind::kRawTracepoint, "block_bio_complete", "trace_bio_completion",
                   "every completed bio of a device without requests"});
  hooks.push_back(std::move(*queue));
  return {};
}

/// The parts that are taken, with those that they need.
class Choice {
 public:
  explicit Choice(const PartFacts& facts) : facts_(facts) {}

  /// What stands before a part, or why this kernel cannot have it or what it needs.
  const Result<std::string>& prologue_of(const Part& part) {
    if (const auto found = prologues_.find(part.name); found != prologues_.end()) {
      return found->second;
    }
    return prologues_.insert({part.name, find_prologue(part)}).first->second;
  }

  /// Takes a part that has a prologue.
  void add(const Part& part) {
    for (const std::string_view needed : needs_of(part)) add(find_part(needed));
    if (std::ranges::find(parts_, &part) == parts_.end()) parts_.push_back(&part);
  }

  /// In the order of the table: an event has what was taken at the issue first.
  std::vector<const Part*> parts() {
    std::ranges::sort(parts_);
    return parts_;
  }

  std::vector<Hook> hooks() const {
    std::vector<Hook> hooks;
    for (const Part* part : parts_) {
      if (part->tracepoint.empty() || (part->hook_of_requests && !facts_.filter.requests)) continue;
      hooks.push_back(*hook_of(*part, facts_));
    }
    return hooks;
  }

 private:
  std::vector<std::string_view> needs_of(const Part& part) const {
    std::vector<std::string_view> needs = part.needs;
    const auto& more = part.needs_with_bios;
    if (facts_.filter.bios) needs.insert(needs.end(), more.begin(), more.end());
    return needs;
  }

  Result<std::string> find_prologue(const Part& part) {
    for (const std::string_view needed : needs_of(part)) {
      if (const auto& prologue = prologue_of(find_part(needed)); !prologue) return prologue;
    }
    if (!part.tracepoint.empty()) {
      if (const auto hook = hook_of(part, facts_); !hook) return std::unexpected(hook.error());
    }
    return part.prologue(facts_);
  }

  const PartFacts& facts_;
  std::map<std::string_view, Result<std::string>> prologues_;
  std::vector<const Part*> parts_;
};

std::unexpected<Error> cannot_be_had(const Part& part, const Error& why) {
  return fail(fmt::format("{} cannot be had here: {}", part.option, why.message));
}

bool serves_rows(const Part& part, std::string_view column) {
  return std::ranges::find(part.columns, column) != part.columns.end();
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

/// The whole program.
std::string text_of(const ProgramConfig& config, Choice& choice, const Delivery& delivery,
                    const PartFacts& facts) {
  std::string text(kBlockRqRecords);
  if (config.bios) text += fmt::format("{}#define BIOS\n", kBlockBioRecords);
  text += stamped_macro(facts);
  for (const Part* part : config.parts) text += *choice.prologue_of(*part);
  text += kBlockRqCommon;
  text += config.bios ? kBlockRqIssuedEither : kBlockRqIssued;
  if (config.has_events) text += kBlockRqEvents;
  for (const Part* part : config.parts) {
    if (part->when != Moment::kKey) text += text_of(*part);
  }
  text += glue(config, facts.filter);
  // A key is made of what an entry has.
  for (const Part* part : config.parts) {
    if (part->when == Moment::kKey) text += text_of(*part);
  }
  text += delivery_glue(config, delivery);
  text += kBlockRqInFlight;
  if (delivery.rows) text += kBlockRqRows;
  if (delivery.summary) text += fmt::format("{}{}", kBlockRqBuckets, kBlockRqSummary);
  text += kBlockRqBody;
  if (config.bios) text += kBlockBioBody;
  return text;
}

std::size_t size_of(const ProgramConfig& config, Moment when) {
  std::size_t size = 0;
  for (const Part* part : config.parts) {
    if (moment_of(*part, config.bios) == when) size += part->size;
  }
  return size;
}

}  // namespace

std::size_t ProgramConfig::entry_size() const {
  return sizeof(start_t) + size_of(*this, Moment::kIssue);
}

std::size_t ProgramConfig::record_size() const {
  return sizeof(event_t) + size_of(*this, Moment::kIssue) + size_of(*this, Moment::kCompletion);
}

std::size_t ProgramConfig::key_size() const { return size_of(*this, Moment::kKey); }

bool ProgramConfig::tells_disk() const {
  return std::ranges::find(parts, &find_part("by_disk")) != parts.end();
}

Result<ProgramConfig> configure_program(const Columns& columns, const PartFacts& facts,
                                        const Columns& summary_keys) {
  Choice choice(facts);
  for (const Part& part : parts()) {
    if (part.is_asked == nullptr || !part.is_asked(facts.filter)) continue;
    if (const auto& prologue = choice.prologue_of(part); !prologue) {
      return cannot_be_had(part, prologue.error());
    }
    choice.add(part);
  }
  ProgramConfig config;
  config.requests = facts.filter.requests;
  config.bios = facts.filter.bios;
  config.errors = error_numbers(facts);
  std::string reason;  // why the last one cannot be had
  const auto take = [&](const Columns& wanted, const auto& serves) {
    for (const Column* column : wanted) {
      for (const Part& part : parts()) {
        if (!serves(part, column->name)) continue;
        if (const auto& prologue = choice.prologue_of(part); prologue) {
          choice.add(part);
        } else {
          reason = prologue.error().message;
          config.warnings.push_back(
              fmt::format("the column {} is - here: {}", column->name, reason));
        }
      }
    }
  };
  take(columns, serves_rows);
  take(summary_keys, [](const Part& part, std::string_view name) { return part.key == name; });
  const Delivery delivery = {.rows = !columns.empty(), .summary = !summary_keys.empty()};
  if (delivery.summary) choice.add(find_part("queue"));
  config.parts = choice.parts();
  if (delivery.summary && config.key_size() == 0) {
    return fail(fmt::format("the summary cannot be had here: {}", reason));
  }
  config.hooks = choice.hooks();
  if (config.bios) {
    if (auto added = add_bio_hooks(config.hooks, facts); !added)
      return cannot_be_had(find_part("bio_device"), added.error());
  }
  config.has_events =
      delivery.rows || std::ranges::find(config.parts, &find_part("path")) != config.parts.end();
  config.text = text_of(config, choice, delivery, facts);
  return config;
}

std::optional<std::string> why_missing(const Column& column, const PartFacts& facts) {
  Choice choice(facts);
  for (const Part& part : parts()) {
    if (!serves_rows(part, column.name)) continue;
    if (const auto& prologue = choice.prologue_of(part); !prologue) {
      return prologue.error().message;
    }
  }
  return std::nullopt;
}

ProbePlan with_hooks(ProbePlan plan, const ProgramConfig& config) {
  if (!config.requests) plan.hooks.clear();
  plan.hooks.insert(plan.hooks.end(), config.hooks.begin(), config.hooks.end());
  std::ranges::stable_partition(plan.hooks, [](const Hook& hook) { return !hook.begins; });
  return plan;
}

}  // namespace disksnoop
