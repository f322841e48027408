#include "tracepoint/program_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "block_rq.h"
#include "tracepoint/program_text.h"

namespace disksnoop {
namespace {

using Moment = Part::Moment;

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
  std::vector<std::string> prologues;
  prologues.reserve(config.parts.size());
  for (const Part* part : config.parts) prologues.push_back(*choice.prologue_of(*part));
  config.text = program_text(config, prologues, delivery, facts);
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
