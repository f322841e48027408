#include "app/check_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace disksnoop {
namespace {

template <class T>
Result<void> outcome_of(const Result<T>& result) {
  if (result) return {};
  return std::unexpected(result.error());
}

/// That of these which the run meets first.
Result<void> first_of(std::initializer_list<Result<void>> outcomes) {
  const auto* const found =
      std::ranges::find_if(outcomes, [](const Result<void>& outcome) { return !outcome; });
  return found == outcomes.end() ? Result<void>() : *found;
}

Result<void> check_tracepoints(const TracepointFacts& facts) {
  for (const TracepointFact& one : facts.tracepoints) {
    if (auto there = check_tracepoint(one); !there) return there;
  }
  return {};
}

Result<void> find_obstacle_of(const CheckFacts& facts, Engine engine) {
  if (engine == Engine::kOriginal) {
    return first_of({facts.original.pipe, outcome_of(facts.headers)});
  }
  const TracepointFacts& own = facts.tracepoint;
  return first_of({own.room, outcome_of(facts.headers), own.maps, check_tracepoints(own)});
}

/// Whether nothing but the capabilities of root is missing, as far as is seen without them.
bool sudo_helps(const CheckFacts& facts) {
  const PrivilegeFacts& privileges = facts.caller.privileges;
  return facts.caller.user != 0 && !privileges.in_container &&
         privileges.lockdown != "confidentiality" &&
         find_refusal(privileges) == Refusal::kCapabilities && facts.plan &&
         find_obstacle_of(facts, facts.plan->engine);
}

bool only_devices_without_requests(const std::vector<BlockDevice>& devices) {
  return !devices.empty() && std::ranges::none_of(devices, &BlockDevice::has_requests);
}

}  // namespace

Result<void> check_tracepoint(const TracepointFact& tracepoint) {
  if (tracepoint.is_there.value_or(true)) return {};
  return fail(fmt::format("this kernel has no tracepoint {}", tracepoint.name));
}

Result<void> find_obstacle(const CheckFacts& facts) {
  if (auto passed = first_of({facts.caller.descriptors, outcome_of(facts.plan), facts.caller.bpf});
      !passed) {
    return passed;
  }
  return find_obstacle_of(facts, facts.plan->engine);
}

std::optional<std::string> choose_command(const CheckFacts& facts, const Result<void>& obstacle) {
  if (obstacle) {
    const bool bios = only_devices_without_requests(facts.devices) && facts.tracepoint.bios;
    return bios ? "disksnoop --layer=bio" : "disksnoop";
  }
  if (!facts.caller.bpf) {
    return sudo_helps(facts) ? std::optional<std::string>("sudo disksnoop") : std::nullopt;
  }
  const bool other_engine = facts.plan && facts.plan->engine == Engine::kOriginal &&
                            facts.caller.descriptors && facts.tracepoint.plan &&
                            find_obstacle_of(facts, Engine::kTracepoint);
  if (other_engine) return "disksnoop --engine=tracepoint";
  return std::nullopt;
}

}  // namespace disksnoop
