#include "app/option_rules.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace disksnoop {
namespace {

/// An option that leaves these others nothing to do.
struct Exclusion {
  std::string_view option;
  std::string_view reason;
  std::vector<std::string_view> others;
};

// --verbose goes with everything: it changes nothing but what is told.
const std::array<Exclusion, 2> kExclusions = {{
    {"--replay",
     "reads a recording and traces nothing",
     {"--print-bpf", "--engine", "--headers", "--disk", "--buffer", "--duration"}},
    {"--print-bpf",
     "prints a program and traces nothing",
     {"--headers", "--format", "--disk", "--buffer", "--duration", "--count"}},
}};

/// What the original program cannot do.
constexpr std::array<std::string_view, 2> kTracepointOnly = {"--disk", "--buffer"};

std::string_view first_of(const GivenOptions& given, std::span<const std::string_view> options) {
  for (const std::string_view option : options) {
    if (given.contains(std::string(option))) return option;
  }
  return "";
}

}  // namespace

Result<Options> apply_option_rules(Options options, const GivenOptions& given) {
  for (const Exclusion& exclusion : kExclusions) {
    if (!given.contains(std::string(exclusion.option))) continue;
    const std::string_view other = first_of(given, exclusion.others);
    if (other.empty()) continue;
    return fail(
        fmt::format("{} {}: it does not go with {}", exclusion.option, exclusion.reason, other));
  }
  const std::string_view needs_tracepoint = first_of(given, kTracepointOnly);
  if (needs_tracepoint.empty()) return options;
  if (options.engine == Engine::kOriginal) {
    return fail(fmt::format("{} does not go with --engine=original: only the engine tracepoint has "
                            "it",
                            needs_tracepoint));
  }
  if (!options.engine) {
    options.engine = Engine::kTracepoint;
    options.engine_chosen_for = needs_tracepoint;
  }
  return options;
}

}  // namespace disksnoop
