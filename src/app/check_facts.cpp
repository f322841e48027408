#include "app/check_facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "app/engine.h"
#include "app/engine_choice.h"
#include "app/engine_plans.h"
#include "app/program_room.h"
#include "app/program_setup.h"
#include "original/symbol_files.h"
#include "original/trace_options.h"
#include "program/kernel_btf.h"
#include "program/kernel_headers.h"
#include "program/program_headers.h"
#include "programs.h"
#include "system/descriptors.h"
#include "system/environment.h"
#include "system/kernel_clock.h"
#include "system/privileges.h"
#include "system/process.h"
#include "system/unique_fd.h"
#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";

CallerFacts look_at_caller(const Root& root) {
  CallerFacts caller = {.user = ::geteuid(),
                        .more_rights_than_caller = has_more_rights_than_caller(),
                        .privileges = read_privilege_facts(root),
                        .bpf = check_bpf_permitted(root),
                        .descriptors = require_descriptors(kTracingDescriptors),
                        .most_locked = most_locked_bytes()};
  if (caller.bpf) caller.maps_are_locked = counts_maps_as_locked();
  return caller;
}

TracePipeHolder look_for_holder(const Root& root, const fs::path& tracefs) {
  TracePipeHolder holder = find_holder(root, tracefs);
  // Processes of other namespaces are not in /proc, nor those that hidepid hides.
  std::error_code ignored;
  if (own_pid_namespace(root) || !fs::exists(root.at("/proc/1"), ignored)) holder.all_seen = false;
  return holder;
}

OriginalFacts look_at_original(const Root& root) {
  OriginalFacts original = {.tracefs = find_tracefs(root), .plan = plan_original_here(root)};
  if (!original.tracefs) {
    if (has_kprobes(root, std::nullopt)) original.kprobes = true;
    return original;
  }
  original.kprobes = has_kprobes(root, *original.tracefs);
  original.holder = look_for_holder(root, *original.tracefs);
  original.hindrances = trace_hindrances(*original.tracefs);
  return original;
}

/// By the BTF, else by tracefs.
std::optional<bool> has_tracepoint(const std::string& name, const Result<KernelBtf>& btf,
                                   const Result<fs::path>& tracefs) {
  if (btf) return btf->raw_tracepoint_arguments(name).has_value();
  std::error_code ignored;
  if (!tracefs) return std::nullopt;
  return fs::exists(*tracefs / "events/block" / name, ignored);
}

/// What takes the rights to use BPF. Maps are tried only where they may be too large.
void look_at_room(TracepointFacts& found, const CallerFacts& caller, const Options& options,
                  const ProgramConfig& config) {
  const auto room = choose_room(options, config);
  if (!room) {
    found.room = std::unexpected(room.error());
    return;
  }
  found.transport = room->buffer.transport;
  if (!caller.maps_are_locked.value_or(false) || !caller.most_locked) return;
  const bool is_ring = room->buffer.transport == Transport::kRingBuffer;
  found.maps = try_maps(
      room->in_flight.requests, config.entry_size(),
      is_ring ? room->buffer.pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0);
}

TracepointFacts look_at_tracepoint(const Result<KernelBtf>& btf, const Result<fs::path>& tracefs,
                                   const CallerFacts& caller) {
  TracepointFacts found = {.plan = plan_tracepoint_here(btf)};
  for (const std::string name : {"block_rq_complete", "block_rq_requeue", "block_rq_issue"}) {
    found.tracepoints.push_back({name, has_tracepoint(name, btf, tracefs)});
  }
  const PartFacts facts = {btf ? &*btf : nullptr, are_made_from_btf(Headers::kAuto, btf)};
  for (const Column* column : all_columns()) {
    found.columns.push_back({column->name, why_missing(*column, facts)});
  }
  Options options;
  options.engine = Engine::kTracepoint;
  const auto config = configure(options, btf);
  if (config && caller.bpf) look_at_room(found, caller, options, *config);
  options.layer = Layer::kBio;
  if (const auto bios = configure(options, btf); !bios) found.bios = std::unexpected(bios.error());
  return found;
}

/// The program whose structs are asked for, as the plan's engine has it.
std::string program_of(const Result<ProbePlan>& plan, const Result<KernelBtf>& btf) {
  if (plan && plan->engine == Engine::kOriginal) return std::string(kOriginalProgram);
  Options options;
  options.engine = Engine::kTracepoint;
  const auto config = configure(options, btf);
  return config ? config->text : "";
}

void look_at_headers(CheckFacts& facts, const Result<KernelBtf>& btf, const Root& root) {
  const std::string program = program_of(facts.plan, btf);
  facts.headers = describe_headers(Headers::kAuto, program, btf, root);
  facts.installed = find_kernel_headers(root);
  const auto from_btf = are_made_from_btf(Headers::kAuto, btf)
                            ? facts.headers
                            : describe_headers(Headers::kBtf, program, btf, root);
  if (from_btf) {
    facts.btf = root.at(kBtf);
  } else {
    facts.btf = std::unexpected(from_btf.error());
  }
}

Result<void> try_trace_pipe(const Root& root, const fs::path& tracefs) {
  const auto pipe = open_trace_pipe(root, tracefs);
  if (!pipe) return std::unexpected(pipe.error());
  const UniqueFd closed_at_once(*pipe);
  return {};
}

}  // namespace

CheckFacts gather_check_facts(const Root& root) {
  utsname kernel = {};
  ::uname(&kernel);
  settle_kernel_source();
  raise_capabilities();
  const auto btf = KernelBtf::load(root.at(kBtf));
  CheckFacts facts = {.release = kernel.release,
                      .architecture = kernel.machine,
                      .caller = look_at_caller(root),
                      .original = look_at_original(root),
                      .devices = list_devices(root),
                      .cgroups = find_cgroups(root),
                      .time_namespace = in_time_namespace()};
  facts.tracepoint = look_at_tracepoint(btf, facts.original.tracefs, facts.caller);
  facts.plan = choose_plan(facts.original.plan, facts.tracepoint.plan);
  if (facts.plan && facts.plan->engine == Engine::kOriginal) {
    facts.original.pipe = try_trace_pipe(root, *facts.original.tracefs);
  }
  look_at_headers(facts, btf, root);
  return facts;
}

}  // namespace disksnoop
