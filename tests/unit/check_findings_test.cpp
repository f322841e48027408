// What --check makes of machines that are made up.
#include "app/check_findings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "app/check_verdict.h"
#include "app/engine_choice.h"

namespace disksnoop {
namespace {

constexpr std::uint64_t kSysAdmin = 1ULL << 21;
constexpr std::uint64_t kPerfmon = 1ULL << 38;
constexpr std::uint64_t kBpf = 1ULL << 39;

ProbePlan original_plan() {
  return {.engine = Engine::kOriginal,
          .hooks = {{HookKind::kKprobe, "blk_mq_start_request", "trace_start", ""},
                    {HookKind::kKprobe, "blk_account_io_done", "trace_completion", ""}},
          .warnings = {"blk_account_io_done runs late"}};
}

void choose(CheckFacts& facts) {
  facts.plan = choose_plan(facts.original.plan, facts.tracepoint.plan);
}

/// Root, on a kernel where disksnoop.py itself can trace.
CheckFacts good_machine() {
  CheckFacts facts;
  facts.release = "5.10.0";
  facts.architecture = "x86_64";
  facts.caller.privileges.effective_capabilities = kBpf | kPerfmon | kSysAdmin;
  facts.caller.privileges.lockdown = "none";
  facts.caller.maps_are_locked = true;
  facts.btf = "/sys/kernel/btf/vmlinux";
  facts.headers = "made from the kernel's BTF";
  facts.installed = fail("no kernel headers");
  facts.original.tracefs = "/sys/kernel/tracing";
  facts.original.kprobes = true;
  facts.original.plan = original_plan();
  facts.tracepoint.plan = ProbePlan{.engine = Engine::kTracepoint};
  facts.tracepoint.tracepoints = {{"block_rq_issue", true}};
  facts.tracepoint.transport = Transport::kRingBuffer;
  facts.tracepoint.columns = {{"time", std::nullopt}, {"file", std::nullopt}};
  facts.devices = {{"sda", true, {}}};
  facts.cgroups = CgroupHierarchy{"/sys/fs/cgroup", 2};
  choose(facts);
  return facts;
}

/// The only one of this subject, or the one with this mark.
const Finding* find(const CheckReport& report, const std::string& subject,
                    std::optional<Mark> mark = {}) {
  const auto found = std::ranges::find_if(report.findings, [&](const Finding& finding) {
    return finding.subject == subject && (!mark || finding.mark == *mark);
  });
  return found == report.findings.end() ? nullptr : &*found;
}

void expect(const CheckReport& report, const std::string& subject, Mark mark,
            const std::string& fact, const std::string& way_out = "") {
  const Finding* found = find(report, subject, mark);
  ASSERT_NE(found, nullptr) << subject;
  EXPECT_EQ(found->fact, fact) << subject;
  EXPECT_EQ(found->way_out, way_out) << subject;
}

void refuse_bpf(CheckFacts& facts) {
  facts.caller.bpf = std::unexpected(explain_refusal(facts.caller.privileges));
  facts.caller.maps_are_locked.reset();
  facts.tracepoint.transport.reset();
}

TEST(CheckFindings, WhereAllIsThereTheOriginalEngineIsTaken) {
  const CheckReport report = make_check_report(good_machine());
  EXPECT_EQ(report.engine, "original");
  EXPECT_EQ(report.command, "disksnoop");
  expect(report, "kernel", Mark::kOk, "5.10.0, x86_64");
  expect(report, "trace_pipe", Mark::kOk, "nobody reads it");
  expect(report, "kprobe hooks", Mark::kOk, "blk_mq_start_request, blk_account_io_done");
  expect(report, "kprobe hooks", Mark::kWarn, "blk_account_io_done runs late");
  expect(report, "disksnoop.py", Mark::kOk, "could trace here");
  expect(report, "locked memory", Mark::kOk, "no limit");
  expect(report, "engine", Mark::kOk, "original, as disksnoop.py could trace here");
  expect(report, "columns", Mark::kOk, "all 2");
  expect(report, "cgroups", Mark::kOk, "v2, /sys/fs/cgroup");
}

TEST(CheckFindings, WhereDisksnoopPyCouldNotTheEngineSaysWhy) {
  CheckFacts facts = good_machine();
  facts.original.plan->unlike_original = "blk_account_io_done is inlined";
  choose(facts);
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, "tracepoint");
  const std::string why = "disksnoop.py could not trace here: blk_account_io_done is inlined";
  expect(report, "disksnoop.py", Mark::kMissing, why);
  expect(report, "engine", Mark::kOk, "tracepoint, as " + why);
}

TEST(CheckFindings, AnOldKernelWithoutBtfAndHeaders) {
  CheckFacts facts = good_machine();
  facts.btf = fail("this kernel has no BTF");
  facts.headers = std::unexpected(
      error_with_way_out("this kernel has no BTF; and no kernel headers", ": ", "install them"));
  facts.installed = std::unexpected(error_with_way_out("no kernel headers", ": ", "install them"));
  facts.tracepoint.tracepoints = {{"block_rq_issue", std::nullopt}};
  facts.tracepoint.columns[1].missing = "this kernel has no BTF";
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, std::nullopt);
  EXPECT_EQ(report.command, std::nullopt);
  EXPECT_EQ(find_obstacle(facts).error().message, facts.headers.error().message);
  expect(report, "BTF", Mark::kMissing, "this kernel has no BTF");
  expect(report, "kernel headers", Mark::kMissing, "no kernel headers", "install them");
  expect(report, "column file", Mark::kMissing, "this kernel has no BTF");
  expect(report, "columns", Mark::kWarn, "time");
  expect(report, "engine", Mark::kMissing, "this kernel has no BTF; and no kernel headers",
         "install them");
  EXPECT_EQ(find(report, "block_rq_issue")->mark, Mark::kUnknown);
}

TEST(CheckFindings, WithInstalledHeadersBtfIsNotNeeded) {
  CheckFacts facts = good_machine();
  facts.btf = fail("this kernel has no BTF");
  facts.headers = "the installed kernel headers";
  facts.installed = "/lib/modules/5.10.0/build";
  EXPECT_EQ(make_check_report(facts).command, "disksnoop");
}

TEST(CheckFindings, HeadersThatNothingNeedsHaveNoWayOut) {
  CheckFacts facts = good_machine();
  facts.installed = std::unexpected(error_with_way_out("no kernel headers", ": ", "install them"));
  expect(make_check_report(facts), "kernel headers", Mark::kMissing, "no kernel headers");
}

TEST(CheckFindings, AnOrdinaryUserIsToldOfSudoAndOfWhatIsNotSeen) {
  CheckFacts facts = good_machine();
  facts.caller.user = 1000;
  facts.caller.privileges.effective_capabilities = 0;
  facts.caller.most_locked = 64 * 1024;
  refuse_bpf(facts);
  Error unseen = error_with_way_out("not permitted to read x", ": ", "run as root");
  unseen.unseen = true;
  facts.original = {};
  facts.original.tracefs = std::unexpected(unseen);
  facts.original.plan = std::unexpected(unseen);
  choose(facts);
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, std::nullopt);
  EXPECT_EQ(report.command, "sudo disksnoop");
  expect(report, "tracefs", Mark::kUnknown, "not permitted to read x", "run as root");
  const Error refusal = explain_refusal(facts.caller.privileges);
  expect(report, "bpf(2)", Mark::kMissing, std::string(what_of(refusal)), refusal.way_out);
  expect(report, "locked memory", Mark::kUnknown, "at most 64 KiB");
  for (const std::string subject : {"trace_pipe", "kprobes", "buffer"}) {
    EXPECT_EQ(find(report, subject)->mark, Mark::kUnknown) << subject;
  }
  EXPECT_EQ(find(report, "kprobe hooks"), nullptr);
}

TEST(CheckFindings, SudoIsNoHelpWhereMoreIsMissing) {
  CheckFacts facts = good_machine();
  facts.caller.user = 1000;
  facts.caller.privileges.effective_capabilities = 0;
  refuse_bpf(facts);
  EXPECT_EQ(make_check_report(facts).command, "sudo disksnoop");
  facts.caller.privileges.lockdown = "confidentiality";
  EXPECT_EQ(make_check_report(facts).command, std::nullopt);
  facts.caller.privileges.lockdown = "none";
  facts.headers = fail("no headers");
  EXPECT_EQ(make_check_report(facts).command, std::nullopt);
}

TEST(CheckFindings, SudoIsNoHelpInAContainer) {
  CheckFacts facts = good_machine();
  facts.caller.user = 1000;
  facts.caller.privileges.effective_capabilities = 0;
  facts.caller.privileges.in_container = true;
  refuse_bpf(facts);
  EXPECT_EQ(make_check_report(facts).command, std::nullopt);
}

TEST(CheckFindings, AContainerWithTwoCapabilities) {
  CheckFacts facts = good_machine();
  facts.caller.privileges.effective_capabilities = kBpf | kPerfmon;
  facts.caller.privileges.in_container = true;
  facts.caller.privileges.seccomp_filter = true;
  facts.original = {};
  facts.original.tracefs = fail("tracefs is not mounted");
  facts.original.plan = fail("tracefs is not mounted");
  choose(facts);
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, "tracepoint");
  EXPECT_EQ(report.command, "disksnoop");
  expect(report, "caller", Mark::kOk, "user 0, with CAP_BPF and CAP_PERFMON");
  expect(report, "seccomp", Mark::kOk, "a filter, which lets bpf(2) through");
}

TEST(CheckFindings, ASeccompFilterIsNamedWhereItIsTheCause) {
  CheckFacts facts = good_machine();
  facts.caller.privileges.seccomp_filter = true;
  refuse_bpf(facts);
  CheckReport report = make_check_report(facts);
  EXPECT_EQ(find(report, "seccomp")->mark, Mark::kMissing);
  EXPECT_EQ(report.command, std::nullopt);
  facts.caller.privileges.effective_capabilities = 0;
  refuse_bpf(facts);
  report = make_check_report(facts);
  EXPECT_EQ(find(report, "seccomp")->mark, Mark::kUnknown) << "the capabilities are missing";
}

TEST(CheckFindings, Lockdown) {
  CheckFacts facts = good_machine();
  facts.caller.privileges.lockdown = "integrity";
  expect(make_check_report(facts), "lockdown", Mark::kOk, "integrity");
  facts.caller.privileges.lockdown = "confidentiality";
  refuse_bpf(facts);
  const CheckReport report = make_check_report(facts);
  expect(report, "lockdown", Mark::kMissing, "confidentiality");
  EXPECT_NE(find(report, "bpf(2)")->fact.find("locked down"), std::string::npos);
  EXPECT_EQ(report.command, std::nullopt);
  facts.caller.privileges.lockdown = "";
  EXPECT_EQ(find(make_check_report(facts), "lockdown")->mark, Mark::kUnknown);
}

TEST(CheckFindings, ATracePipeThatIsRefusedLeavesTheOtherEngine) {
  CheckFacts facts = good_machine();
  facts.original.holder.name = "cat (pid 7)";
  facts.original.pipe = std::unexpected(
      error_with_way_out("trace_pipe is busy: cat (pid 7) reads it", "; ", "end that first"));
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, std::nullopt);
  EXPECT_EQ(report.command, "disksnoop --engine=tracepoint");
  expect(report, "trace_pipe", Mark::kMissing, "trace_pipe is busy: cat (pid 7) reads it",
         "end that first");
}

TEST(CheckFindings, ATracePipeThatIsSharedIsAWarning) {
  CheckFacts facts = good_machine();
  facts.original.holder.name = "cat (pid 7)";
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, "original");
  expect(report, "trace_pipe", Mark::kWarn, "cat (pid 7) reads it, and takes lines away",
         "end that first");
  facts.original.holder = {.name = std::nullopt, .all_seen = false};
  EXPECT_EQ(find(make_check_report(facts), "trace_pipe")->mark, Mark::kUnknown);
}

TEST(CheckFindings, LockedMemoryThatIsTooLittleIsInTheWayOfTracepoints) {
  CheckFacts facts = good_machine();
  facts.original.plan = fail("tracefs is not mounted");
  facts.caller.most_locked = 64 * 1024;
  choose(facts);
  expect(make_check_report(facts), "locked memory", Mark::kOk, "at most 64 KiB, which is enough");
  facts.tracepoint.maps =
      std::unexpected(explain_map_refusal_by("Operation not permitted", 64 * 1024));
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, std::nullopt);
  EXPECT_EQ(find(report, "locked memory")->way_out, facts.tracepoint.maps.error().way_out);
}

TEST(CheckFindings, ATracepointThatIsMissing) {
  CheckFacts facts = good_machine();
  facts.original.plan = fail("tracefs is not mounted");
  facts.tracepoint.tracepoints = {{"block_rq_issue", false}};
  choose(facts);
  const CheckReport report = make_check_report(facts);
  EXPECT_EQ(report.engine, std::nullopt);
  expect(report, "block_rq_issue", Mark::kMissing, "this kernel has no tracepoint block_rq_issue");
}

TEST(CheckFindings, DevicesWithoutRequestsAndWhatIsBelow) {
  CheckFacts facts = good_machine();
  facts.devices = {{"dm-0", false, {"sda", "sdb"}}, {"sda", true, {}}, {"zram0", false, {}}};
  CheckReport report = make_check_report(facts);
  expect(report, "disks", Mark::kOk, "sda");
  expect(report, "without requests", Mark::kWarn, "dm-0 on sda sdb, zram0",
         "traced with -d DEVICE, and all with --layer=bio");
  EXPECT_EQ(report.command, "disksnoop");
  facts.devices = {{"zram0", false, {}}};
  report = make_check_report(facts);
  EXPECT_EQ(report.command, "disksnoop --layer=bio");
  facts.tracepoint.bios = fail("this kernel has no BTF");
  report = make_check_report(facts);
  EXPECT_EQ(report.command, "disksnoop");
  expect(report, "without requests", Mark::kMissing, "this kernel has no BTF");
}

TEST(CheckFindings, ManyDisksAreCutShortForPeopleOnly) {
  CheckFacts facts = good_machine();
  facts.devices.clear();
  for (int i = 0; i < 15; ++i) facts.devices.push_back({"d" + std::to_string(i), true, {}});
  const CheckReport report = make_check_report(facts);
  EXPECT_TRUE(find(report, "disks")->fact.ends_with("d11, and 3 more"));
  EXPECT_EQ(report.devices.size(), 15U);
}

TEST(CheckVerdict, WhatARunMeetsFirstIsTold) {
  CheckFacts facts = good_machine();
  facts.headers = fail("headers");
  EXPECT_EQ(find_obstacle(facts).error().message, "headers");
  facts.original.pipe = fail("pipe");
  EXPECT_EQ(find_obstacle(facts).error().message, "pipe");
  facts.caller.bpf = fail("bpf");
  EXPECT_EQ(find_obstacle(facts).error().message, "bpf");
  facts.caller.descriptors = fail("descriptors");
  EXPECT_EQ(find_obstacle(facts).error().message, "descriptors");
}

}  // namespace
}  // namespace disksnoop
