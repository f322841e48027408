#include "app/check_findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "app/check_verdict.h"
#include "app/engine_choice.h"
#include "system/environment.h"

namespace disksnoop {
namespace {

using Findings = std::vector<Finding>;

constexpr std::string_view kNotKnown = "not known";

/// Of what is there with `fact`, else is not, or is not seen, for this reason.
template <class T>
Finding finding_of(std::string subject, const Result<T>& result, std::string fact) {
  if (result) return {std::move(subject), Mark::kOk, std::move(fact)};
  const Error& error = result.error();
  return {std::move(subject), error.unseen ? Mark::kUnknown : Mark::kMissing,
          std::string(what_of(error)), error.way_out};
}

/// "a, b, c", of so many that people read them, and how many more there are.
std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    list += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kMost) list += fmt::format(", and {} more", names.size() - kMost);
  return list;
}

void add_types(Findings& findings, const CheckFacts& facts) {
  findings.push_back(finding_of("BTF", facts.btf, facts.btf ? facts.btf->string() : std::string()));
  findings.push_back(finding_of("kernel headers", facts.installed,
                                facts.installed ? facts.installed->string() : std::string()));
  // Nothing needs them then.
  if (facts.headers) findings.back().way_out.clear();
  findings.push_back(finding_of("layouts of structs", facts.headers, facts.headers.value_or("")));
}

Finding tell_lockdown(const PrivilegeFacts& privileges) {
  if (privileges.lockdown.empty()) {
    return {"lockdown", Mark::kUnknown,
            "/sys/kernel/security/lockdown does not tell: not mounted, or not in this kernel"};
  }
  const bool forbids = privileges.lockdown == "confidentiality";
  return {"lockdown", forbids ? Mark::kMissing : Mark::kOk, privileges.lockdown};
}

Finding tell_seccomp(const CallerFacts& caller) {
  if (!caller.privileges.seccomp_filter) return {"seccomp", Mark::kOk, "no filter"};
  if (caller.bpf) return {"seccomp", Mark::kOk, "a filter, which lets bpf(2) through"};
  if (find_refusal(caller.privileges) == Refusal::kSeccomp) {
    return {"seccomp", Mark::kMissing, "a filter, which forbids bpf(2)"};
  }
  return {"seccomp", Mark::kUnknown, "a filter; whether it forbids bpf(2) is not seen"};
}

Finding tell_locked_memory(const CheckFacts& facts) {
  const CallerFacts& caller = facts.caller;
  if (!facts.tracepoint.maps) {
    return finding_of("locked memory", facts.tracepoint.maps, "");
  }
  const std::string limit =
      caller.most_locked ? fmt::format("at most {} KiB", *caller.most_locked / 1024) : "no limit";
  if (!caller.most_locked) return {"locked memory", Mark::kOk, limit};
  if (!caller.maps_are_locked) return {"locked memory", Mark::kUnknown, limit};
  return {"locked memory", Mark::kOk,
          limit + (*caller.maps_are_locked ? ", which is enough"
                                           : ", which this kernel does not count maps in")};
}

void add_caller(Findings& findings, const CheckFacts& facts) {
  const CallerFacts& caller = facts.caller;
  const std::string held = describe_capabilities(caller.privileges);
  std::string who =
      fmt::format("user {}, {}", caller.user,
                  held.empty() ? "none of CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN" : "with " + held);
  if (caller.more_rights_than_caller) who += fmt::format("; {}", kMoreRightsThanCaller);
  findings.push_back({"caller", Mark::kOk, std::move(who)});
  findings.push_back(finding_of("bpf(2)", caller.bpf, "permitted"));
  findings.push_back(tell_lockdown(caller.privileges));
  findings.push_back(tell_seccomp(caller));
  findings.push_back(tell_locked_memory(facts));
  findings.push_back(finding_of("open files", caller.descriptors, "enough"));
}

Finding tell_holder(const OriginalFacts& original) {
  if (!original.pipe) return finding_of("trace_pipe", original.pipe, "");
  if (original.holder.name) {
    return {"trace_pipe", Mark::kWarn,
            fmt::format("{} reads it, and takes lines away", *original.holder.name),
            std::string(kEndTheHolder)};
  }
  if (!original.tracefs || !original.holder.all_seen) {
    return {"trace_pipe", Mark::kUnknown, fmt::format("who reads it is {}", kNotKnown)};
  }
  return {"trace_pipe", Mark::kOk, "nobody reads it"};
}

Finding tell_kprobes(const OriginalFacts& original) {
  if (!original.kprobes) return {"kprobes", Mark::kUnknown, std::string(kNotKnown)};
  if (!*original.kprobes) return finding_of("kprobes", original.plan, "");
  return {"kprobes", Mark::kOk, "this kernel has them"};
}

std::string targets_of(const ProbePlan& plan) {
  std::vector<std::string> names(plan.hooks.size());
  std::ranges::transform(plan.hooks, names.begin(), &Hook::target);
  return list_of(names);
}

void add_original(Findings& findings, const OriginalFacts& original) {
  findings.push_back(finding_of("tracefs", original.tracefs,
                                original.tracefs ? original.tracefs->string() : std::string()));
  findings.push_back(tell_holder(original));
  findings.push_back(tell_kprobes(original));
  for (const std::string& hindrance : original.hindrances) {
    findings.push_back({"trace options", Mark::kWarn, hindrance});
  }
  if (!original.tracefs || !original.kprobes.value_or(false)) return;
  findings.push_back(finding_of("kprobe hooks", original.plan,
                                original.plan ? targets_of(*original.plan) : std::string()));
  if (!original.plan) return;
  for (const std::string& warning : original.plan->warnings) {
    findings.push_back({"kprobe hooks", Mark::kWarn, warning});
  }
  const bool same = original.plan->unlike_original.empty();
  findings.push_back({"disksnoop.py", same ? Mark::kOk : Mark::kMissing,
                      same ? "could trace here" : why_not_original(original.plan)});
}

Finding tell_transport(const TracepointFacts& facts) {
  if (!facts.room) return finding_of("buffer", facts.room, "");
  if (!facts.transport) return {"buffer", Mark::kUnknown, std::string(kNotKnown)};
  return {
      "buffer", Mark::kOk,
      *facts.transport == Transport::kRingBuffer ? "ring buffer" : "perf buffer, one for each CPU"};
}

void add_tracepoint(Findings& findings, const TracepointFacts& facts) {
  for (const TracepointFact& one : facts.tracepoints) {
    findings.push_back(one.is_there ? finding_of(one.name, check_tracepoint(one), "raw tracepoint")
                                    : Finding{one.name, Mark::kUnknown, std::string(kNotKnown)});
  }
  if (!facts.plan) findings.push_back(finding_of("raw tracepoints", facts.plan, ""));
  findings.push_back(tell_transport(facts));
}

void add_devices(Findings& findings, const CheckFacts& facts) {
  std::vector<std::string> disks;
  std::vector<std::string> others;
  for (const BlockDevice& device : facts.devices) {
    if (device.has_requests) {
      disks.push_back(device.name);
    } else {
      others.push_back(device.below.empty()
                           ? device.name
                           : fmt::format("{} on {}", device.name, fmt::join(device.below, " ")));
    }
  }
  findings.push_back({"disks", disks.empty() ? Mark::kMissing : Mark::kOk,
                      disks.empty() ? "none that has requests" : list_of(disks)});
  if (others.empty()) return;
  constexpr const char* kSubject = "without requests";
  findings.push_back(
      {kSubject, Mark::kWarn, list_of(others), "traced with -d DEVICE, and all with --layer=bio"});
  if (facts.tracepoint.bios) return;
  findings.back().way_out.clear();
  findings.push_back(finding_of(kSubject, facts.tracepoint.bios, ""));
}

void add_columns(Findings& findings, const std::vector<ColumnFinding>& columns) {
  std::vector<std::string> working;
  for (const ColumnFinding& column : columns) {
    if (!column.missing) working.emplace_back(column.name);
  }
  const bool all = working.size() == columns.size();
  findings.push_back(
      {"columns", all ? Mark::kOk : Mark::kWarn,
       all ? fmt::format("all {}", columns.size()) : fmt::format("{}", fmt::join(working, ", "))});
  for (const ColumnFinding& column : columns) {
    if (!column.missing) continue;
    findings.push_back({fmt::format("column {}", column.name), Mark::kMissing, *column.missing});
  }
}

void add_surroundings(Findings& findings, const CheckFacts& facts) {
  findings.push_back(finding_of("cgroups", facts.cgroups,
                                facts.cgroups ? fmt::format("v{}, {}", facts.cgroups->version,
                                                            facts.cgroups->directory.string())
                                              : std::string()));
  findings.push_back({"time namespace", facts.time_namespace ? Mark::kWarn : Mark::kOk,
                      facts.time_namespace
                          ? "its own: before Linux 5.10 the column clock is - in it"
                          : "none of its own"});
}

Finding tell_engine(const CheckFacts& facts, const Result<void>& obstacle) {
  if (!obstacle) return finding_of("engine", obstacle, "");
  const Engine engine = facts.plan->engine;
  return {"engine", Mark::kOk,
          fmt::format("{}, as {}", name_of(engine),
                      engine == Engine::kOriginal ? "disksnoop.py could trace here"
                                                  : why_not_original(facts.original.plan))};
}

}  // namespace

CheckReport make_check_report(const CheckFacts& facts) {
  CheckReport report;
  Findings& findings = report.findings;
  findings.push_back(
      {"kernel", Mark::kOk, fmt::format("{}, {}", facts.release, facts.architecture)});
  add_types(findings, facts);
  add_caller(findings, facts);
  add_original(findings, facts.original);
  add_tracepoint(findings, facts.tracepoint);
  add_devices(findings, facts);
  add_columns(findings, facts.tracepoint.columns);
  add_surroundings(findings, facts);
  const auto obstacle = find_obstacle(facts);
  findings.push_back(tell_engine(facts, obstacle));
  if (obstacle) report.engine = name_of(facts.plan->engine);
  report.command = choose_command(facts, obstacle);
  report.columns = facts.tracepoint.columns;
  for (const BlockDevice& device : facts.devices) {
    report.devices.push_back({device.name, device.has_requests, device.below});
  }
  return report;
}

}  // namespace disksnoop
