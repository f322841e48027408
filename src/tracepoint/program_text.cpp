#include "tracepoint/program_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "programs.h"

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

/// The flags of which one is set in each request that the kernel has stamped.
std::string stamped_macro(const PartFacts& facts) {
  if (facts.types == nullptr) return "";
  const auto counted = facts.types->enumerator("rqf_flags", "__RQF_IO_STAT");
  const auto flush = facts.types->enumerator("rqf_flags", "__RQF_FLUSH_SEQ");
  if (!counted || !flush) return "";
  return fmt::format("#define STAMPED (1U << {} | 1U << {})\n", *counted, *flush);
}

}  // namespace

std::string program_text(const ProgramConfig& config, const std::vector<std::string>& prologues,
                         const Delivery& delivery, const PartFacts& facts) {
  std::string text(kBlockRqRecords);
  if (config.bios) text += fmt::format("{}#define BIOS\n", kBlockBioRecords);
  text += stamped_macro(facts);
  for (const std::string& prologue : prologues) text += prologue;
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

}  // namespace disksnoop
