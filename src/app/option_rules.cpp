#include "app/option_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "original/original_request.h"

namespace disksnoop {
namespace {

/// An option that leaves these others nothing to do.
struct Exclusion {
  std::string_view option;
  std::string_view reason;
  std::vector<std::string_view> others;
};

// --verbose goes with everything: it changes nothing but what is told.
const std::array<Exclusion, 4> kExclusions = {{
    {"--replay",
     "reads a recording and traces nothing",
     {"--print-bpf", "--engine", "--headers", "--children", "--buffer", "--max-delay",
      "--duration"}},
    {"--print-bpf",
     "prints a program and traces nothing",
     {"--headers", "--format", "--buffer", "--max-delay", "--duration", "--count", "--interval",
      "--top", "--histogram", "--heatmap"}},
    {"--wide", "is a list of columns", {"--columns"}},
    {"--summary", "prints no rows", {"--columns", "--wide", "--max-delay"}},
}};

/// Each of them asks for a summary.
constexpr std::array<std::string_view, 6> kSummary = {"--summary", "--interval",  "--by",
                                                      "--top",     "--histogram", "--heatmap"};

/// Each makes the program larger.
constexpr std::size_t kMostNames = 128;

/// What the original program cannot do.
constexpr std::array<std::string_view, 2> kTracepointOnly = {"--buffer", "--max-delay"};

std::string_view first_of(const GivenOptions& given, std::span<const std::string_view> options) {
  for (const std::string_view option : options) {
    if (given.contains(std::string(option))) return option;
  }
  return "";
}

/// The first column that a line of trace_pipe does not carry.
const Column* first_beyond_a_line(const Columns& columns) {
  const Columns& carried = columns_of_a_line();
  const auto found = std::ranges::find_if(columns, [&carried](const Column* column) {
    return std::ranges::find(carried, column) == carried.end();
  });
  return found == columns.end() ? nullptr : *found;
}

/// Whether a disk is given by a path that need not have the kernel's name for it.
bool is_beyond_dev(std::string_view disk) {
  return disk.starts_with('/') && (!disk.starts_with("/dev/") || disk.contains("/disk/") ||
                                   disk.contains("/mapper/") || disk.contains("/."));
}

/// What only the tracepoint engine has of what is asked for; empty for nothing.
std::string needs_tracepoint(const Options& options, const GivenOptions& given) {
  const std::string_view option = first_of(given, kTracepointOnly);
  if (!option.empty()) return std::string(option);
  if (options.summary.asked) return "a summary";
  const Query query = query_of(options);
  const std::string_view filter = not_told_by(columns_of_a_line(), query.filter);
  if (!filter.empty()) return std::string(filter);
  const Column* const column = first_beyond_a_line(query.columns);
  return column != nullptr ? fmt::format("the column {}", column->name) : "";
}

/// Of an option that another one of a summary leaves nothing to do.
Result<void> check_summary(const Options& options, const GivenOptions& given) {
  if (options.format->summary == nullptr) {
    return fail(fmt::format("--format={} has no summary", options.format->name));
  }
  if (given.contains("--count") && !options.summary.interval_s) {
    return fail("--count is of the tables of a summary: it needs --interval");
  }
  if (options.summary.distributions && options.format->name == "json") {
    return fail("--format=json has all buckets: it does not go with --histogram");
  }
  return {};
}

}  // namespace

Result<Options> apply_option_rules(Options options, const GivenOptions& all_given) {
  GivenOptions given = all_given;
  options.summary.asked = !first_of(given, kSummary).empty();
  if (options.summary.asked) given.insert("--summary");
  for (const Exclusion& exclusion : kExclusions) {
    if (!given.contains(std::string(exclusion.option))) continue;
    const std::string_view other = first_of(given, exclusion.others);
    if (other.empty()) continue;
    return fail(
        fmt::format("{} {}: it does not go with {}", exclusion.option, exclusion.reason, other));
  }
  if (options.columns && options.format->writer == nullptr) {
    return fail(fmt::format("--format={} has columns of its own: it does not go with {}",
                            options.format->name,
                            given.contains("--wide") ? "--wide" : "--columns"));
  }
  if (options.summary.asked) {
    if (const auto goes = check_summary(options, given); !goes) {
      return std::unexpected(goes.error());
    }
  }
  if (given.contains("--children") && !given.contains("--pid")) {
    return fail("--children are those of a process: it needs --pid");
  }
  if (options.filter.comms.size() > kMostNames) {
    return fail(fmt::format("--comm takes at most {} names", kMostNames));
  }
  if (options.replay && std::ranges::any_of(options.filter.disks, is_beyond_dev)) {
    return fail("--replay knows disks by the kernel's names: --disk is one, or /dev/ and one");
  }
  if (options.replay) return options;  // what the recording has is not known yet
  const std::string needs = needs_tracepoint(options, given);
  if (needs.empty()) {
    // Its T is what is left of a request when it completes: on 5.10 a read has no bytes then.
    if (!options.engine && !options.filter.operations.empty()) {
      options.engine = Engine::kTracepoint;
      options.engine_chosen_for = "the operation of every request";
    }
    return options;
  }
  if (options.engine == Engine::kOriginal) {
    return fail(fmt::format("{} does not go with --engine=original: only the engine tracepoint has "
                            "it",
                            needs));
  }
  if (!options.engine) {
    options.engine = Engine::kTracepoint;
    options.engine_chosen_for = needs;
  }
  return options;
}

}  // namespace disksnoop
