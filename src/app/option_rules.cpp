#include "app/option_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
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
const std::array<Exclusion, 5> kExclusions = {{
    {"--replay",
     "reads a recording and traces nothing",
     {"--print-bpf", "--engine", "--headers", "--layer", "--children", "--listen", "--metrics",
      "--buffer", "--max-delay", "--duration", "--sandbox"}},
    {"--print-bpf",
     "prints a program and traces nothing",
     {"--headers", "--format", "--buffer", "--max-delay", "--duration", "--count", "--interval",
      "--top", "--histogram", "--heatmap", "--listen", "--metrics", "--sandbox"}},
    {"--check",
     "looks at the machine and traces nothing",
     {"--replay",    "--print-bpf", "--engine",  "--headers",  "--layer",   "--columns",
      "--wide",      "--disk",      "--pid",     "--children", "--comm",    "--cgroup",
      "--op",        "--min-ms",    "--errors",  "--interval", "--by",      "--top",
      "--histogram", "--heatmap",   "--summary", "--listen",   "--metrics", "--buffer",
      "--max-delay", "--duration",  "--count",   "--sandbox"}},
    {"--wide", "is a list of columns", {"--columns"}},
    {"--summary", "prints no rows", {"--columns", "--wide", "--max-delay"}},
}};

/// Each of them asks for a summary.
constexpr std::array<std::string_view, 4> kSummary = {"--summary", "--top", "--histogram",
                                                      "--heatmap"};
/// These too, where there are no metrics that they may be of.
constexpr std::array<std::string_view, 2> kSummaryOrMetrics = {"--interval", "--by"};

/// Each of them asks for rows, where metrics alone print nothing.
constexpr std::array<std::string_view, 3> kRows = {"--columns", "--wide", "--format"};

/// What a series of the metrics can have beside them.
constexpr std::array<std::string_view, 2> kLabels = {"comm", "cgroup"};

/// Each makes the program larger.
constexpr std::size_t kMostNames = 128;

/// What the original program cannot do.
constexpr std::array<std::string_view, 3> kTracepointOnly = {"--layer", "--buffer", "--max-delay"};

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
  if (options.metrics.asked()) return "metrics";
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

/// The labels that `keys` ask for, beside those that all series have.
Columns labels_of(const std::optional<Columns>& keys) {
  Columns labels = usual_summary_keys();
  for (const Column* key : keys.value_or(Columns())) {
    if (std::ranges::find(kLabels, key->name) != kLabels.end()) labels.push_back(key);
  }
  return labels;
}

/// Of what would be left nothing to do, or cannot be done, by metrics without a summary.
Result<void> check_metrics(const Options& options, const GivenOptions& given) {
  if (given.contains("--interval") && !options.metrics.file) {
    return fail("--interval is of --metrics or of a summary: it does not go with --listen");
  }
  if (options.summary.interval_s.value_or(1) < 1) {
    return fail("--interval of --metrics is 1 at least: what is counted is read once a second");
  }
  if (given.contains("--count") && !options.rows) {
    return fail("--count is of rows: with metrics alone there are none");
  }
  const Columns labels = labels_of(options.summary.keys);
  for (const Column* key : options.summary.keys.value_or(Columns())) {
    if (std::ranges::find(labels, key) == labels.end()) {
      return fail(fmt::format("--by of metrics is comm or cgroup: {} is of a summary (--summary)",
                              key->name));
    }
  }
  return {};
}

/// What is made of the requests.
void choose_outcome(Options& options, const GivenOptions& given) {
  const bool metrics = options.metrics.asked();
  options.summary.asked = !first_of(given, kSummary).empty() ||
                          (!metrics && !first_of(given, kSummaryOrMetrics).empty());
  options.rows = !options.summary.asked && (!metrics || !first_of(given, kRows).empty());
  if (metrics) options.metrics.labels = labels_of(options.summary.keys);
}

/// Of two that exclude each other.
Result<void> check_exclusions(const GivenOptions& given) {
  for (const Exclusion& exclusion : kExclusions) {
    if (!given.contains(std::string(exclusion.option))) continue;
    const std::string_view other = first_of(given, exclusion.others);
    if (other.empty()) continue;
    return fail(
        fmt::format("{} {}: it does not go with {}", exclusion.option, exclusion.reason, other));
  }
  return {};
}

/// Of an option that leaves all others nothing to do.
Result<void> check_completion(const GivenOptions& given) {
  if (!given.contains("--completion")) return {};
  for (const std::string& other : given) {
    if (other == "--completion" || other == "--verbose") continue;
    return fail(fmt::format("--completion prints a script: it does not go with {}", other));
  }
  return {};
}

/// Of what is made of the requests.
Result<void> check_outcome(const Options& options, const GivenOptions& given) {
  if (options.check && options.format->check == nullptr) {
    return fail(
        fmt::format("--format={} is of rows: it does not go with --check", options.format->name));
  }
  if (options.columns && options.format->writer == nullptr) {
    return fail(fmt::format("--format={} has columns of its own: it does not go with {}",
                            options.format->name,
                            given.contains("--wide") ? "--wide" : "--columns"));
  }
  if (options.metrics.file && options.metrics.file == options.summary.heat_map) {
    return fail("--metrics and --heatmap name the same file");
  }
  if (options.summary.asked) return check_summary(options, given);
  if (options.metrics.asked()) return check_metrics(options, given);
  return {};
}

/// Of which requests.
Result<void> check_filter(const Options& options, const GivenOptions& given) {
  if (given.contains("--children") && !given.contains("--pid")) {
    return fail("--children are those of a process: it needs --pid");
  }
  if (options.filter.comms.size() > kMostNames) {
    return fail(fmt::format("--comm takes at most {} names", kMostNames));
  }
  if (options.replay && std::ranges::any_of(options.filter.disks, is_beyond_dev)) {
    return fail("--replay knows disks by the kernel's names: --disk is one, or /dev/ and one");
  }
  return {};
}

Result<Options> choose_engine(Options options, const GivenOptions& given) {
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

}  // namespace

Result<Options> apply_option_rules(Options options, const GivenOptions& all_given) {
  GivenOptions given = all_given;
  choose_outcome(options, given);
  if (options.summary.asked) given.insert("--summary");
  for (const auto& goes : {check_completion(all_given), check_exclusions(given),
                           check_outcome(options, given), check_filter(options, given)}) {
    if (!goes) return std::unexpected(goes.error());
  }
  // What the recording has is not known yet, and a check is of both engines.
  if (options.replay || options.check) return options;
  return choose_engine(std::move(options), given);
}

}  // namespace disksnoop
