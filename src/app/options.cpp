#include "app/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "app/completion.h"
#include "app/declared_options.h"
#include "app/option_rules.h"
#include "base/quantity.h"
#include "request/summary.h"
#include "version.h"

namespace disksnoop {
namespace {

const Names<std::optional<Engine>> kEngines = {
    {"auto", std::nullopt}, {"original", Engine::kOriginal}, {"tracepoint", Engine::kTracepoint}};
const Names<Headers> kHeaders = {
    {"auto", Headers::kAuto}, {"btf", Headers::kBtf}, {"kernel", Headers::kKernel}};
const Names<Layer> kLayers = {{"request", Layer::kRequest}, {"bio", Layer::kBio}};
const Names<decltype(&bash_completion)> kShells = {
    {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
const Names<bool> kOnOff = {{"on", true}, {"off", false}};

Names<const Format*> format_names() {
  Names<const Format*> names;
  for (const Format& format : formats()) names.emplace_back(format.name, &format);
  return names;
}
const Names<const Format*> kFormats = format_names();

/// "table: as disksnoop.py; bcc: ...", for the help.
std::string help_on_formats() {
  std::string help;
  for (const Format& format : formats()) {
    help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", format.name, format.help);
  }
  return help;
}

std::string list_of(const Columns& columns) {
  std::string list;
  for (const Column* column : columns)
    list += fmt::format("{}{}", list.empty() ? "" : ",", column->name);
  return list;
}

/// At least one.
std::optional<std::uint64_t> parse_rows(std::string_view text) {
  const auto count = parse_count(text);
  return count && *count > 0 ? count : std::nullopt;
}

/// Up to ten seconds.
std::optional<std::chrono::milliseconds> parse_delay(std::string_view text) {
  const auto ms = parse_count(text);
  if (!ms || *ms > 10'000) return std::nullopt;
  return std::chrono::milliseconds(*ms);
}

/// --columns and --wide.
void add_columns(DeclaredOptions& app, std::optional<Columns>& target) {
  std::vector<std::string_view> names;
  for (const Column* column : all_columns()) names.push_back(column->name);
  add_list(app, "-o,--columns", target, parse_columns, names,
           "Columns in this order; +LIST adds to the usual four");
  app.add_flag_callback(
      "-w,--wide", [&target] { target = wide_columns(); },
      fmt::format("The columns {}", list_of(wide_columns())));
}

Result<std::string> parse_name(const std::string& text) {
  if (text.empty()) return fail("it has no name");
  return text;
}

Result<std::uint32_t> parse_process(const std::string& text) {
  const auto pid = parse_pid(text);
  if (!pid) return fail(fmt::format("'{}' is no number of a process, from 1 to 4194304", text));
  return *pid;
}

void add_filter(DeclaredOptions& app, Filter& filter) {
  add_values(app, "-d,--disk", filter.disks, parse_name, "DISK",
             "Only requests of this disk or partition");
  add_values(app, "-p,--pid", filter.pids, parse_process, "PID",
             "Only those that this process submitted");
  app.add_flag("--children", filter.children,
               "With --pid: also those of what it forks from now on");
  add_values(app, "--comm", filter.comms, parse_comm, "NAME",
             "Only those that a process of this name submitted");
  add_values(app, "--cgroup", filter.cgroups, parse_name, "PATH",
             "Only those charged to this cgroup or one below it");
  const auto operations = names_of_operation_classes();
  add_list(app, "--op", filter.operations, parse_operations, operations,
           fmt::format("Only these: {}", fmt::join(operations, ", ")));
  add_value(app, "-m,--min-ms", filter.min_ns, parse_ms, "no number of ms", "MS",
            "Only those that took at least so many ms from issue to completion");
  app.add_flag("--errors", filter.errors, "Only those that failed");
}

/// Shorter ones would be over before the kernel has settled.
std::optional<double> parse_interval(std::string_view text) {
  const auto seconds = parse_seconds(text);
  return seconds && *seconds >= 0.1 ? seconds : std::nullopt;
}

void add_summary(DeclaredOptions& app, SummaryOptions& summary) {
  app.add_flag("-s,--summary", summary.asked, "No rows: a table at the end, with percentiles");
  add_value(app, "-i,--interval", summary.interval_s, parse_interval,
            "no number of seconds from 0.1 on", "SECONDS",
            "A summary each so many seconds (-n: so many)");
  add_list(app, "--by", summary.keys, parse_summary_keys, names_of_summary_keys(),
           fmt::format("What a line of the summary stands for, {} unless told",
                       list_of(usual_summary_keys())));
  add_value(app, "--top", summary.top, parse_rows, "no whole number from 1 on", "N",
            "So many lines, 20 unless told, and the rest as one");
  app.add_flag("--histogram", summary.distributions,
               "Under each line of the summary its distribution");
  add_parsed(app, "--heatmap", summary.heat_map, parse_name, "FILE",
             "Latency over time as a picture (SVG), for each line of the summary");
}

void add_metrics(DeclaredOptions& app, MetricsOptions& metrics) {
  add_parsed(app, "--listen", metrics.listen, parse_listen_address, "[ADDR:]PORT",
             "Metrics for Prometheus, over HTTP, at /metrics; of 127.0.0.1 unless told");
  add_parsed(app, "--metrics", metrics.file, parse_name, "FILE",
             "The same to a file, each -i seconds, 15 unless told");
}

GivenOptions given_options(const CLI::App& app) {
  GivenOptions given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0) given.insert(option->get_name());
  }
  return given;
}

CommandLine wrong_command_line(std::string_view what) {
  return {std::nullopt, fmt::format("{} (see disksnoop --help)", what), 2};
}

}  // namespace

Query query_of(const Options& options) {
  Query query{{}, options.filter};
  if (options.rows) query.columns = options.columns.value_or(options.format->columns());
  if (options.summary.asked) {
    query.summary_keys = options.summary.keys.value_or(usual_summary_keys());
  }
  for (const Column* label : options.metrics.labels) {
    if (std::ranges::find(query.summary_keys, label) == query.summary_keys.end()) {
      query.summary_keys.push_back(label);
    }
  }
  return query;
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  Options options;
  DeclaredOptions app("Trace block I/O: a line for each request, with its latency.", "disksnoop");
  add_choice(app, "-e,--engine", options.engine, kEngines, "How requests are traced");
  add_choice(app, "--headers", options.headers, kHeaders, "Where struct layouts come from");
  add_choice(app, "-f,--format", options.format, kFormats, help_on_formats());
  add_columns(app, options.columns);
  add_choice(app, "--layer", options.layer, kLayers,
             "bio: devices without requests (LVM, md, zram) too");
  add_filter(app, options.filter);
  add_summary(app, options.summary);
  add_metrics(app, options.metrics);
  add_value(app, "--buffer", options.buffer_bytes, parse_buffer_size, "no size up to 1G", "SIZE",
            "Buffer between kernel and tool, 1M or more unless told (tracepoint engine)");
  add_value(app, "--max-delay", options.max_delay, parse_delay, "no whole number of ms up to 10000",
            "MS", "How late a row may be, 100 unless told (tracepoint engine)");
  add_value(app, "-D,--duration", options.duration_s, parse_seconds, "no number of seconds",
            "SECONDS", "Stop after so many seconds");
  add_value(app, "-n,--count", options.count, parse_rows, "no whole number from 1 on", "N",
            "Stop after so many rows, or tables of -i");
  app.add_option("--replay", options.replay,
                 "Format a recorded trace_pipe stream, or rows of --format=json (- is stdin)")
      ->type_name("FILE");
  add_choice(app, "--sandbox", options.sandbox, kOnOff,
             "off: keep all rights while tracing, as a debugger needs");
  app.add_flag("--check", options.check, "Tell what works here and what is missing, and end");
  app.add_flag("--print-bpf", options.print_bpf, "Print the BPF program and end");
  decltype(&bash_completion) completion = nullptr;
  add_choice(app, "--completion", completion, kShells,
             "Print a script that completes options in this shell, and end");
  app.add_flag("-v,--verbose", options.verbose, "Tell on stderr what is attached, and why");
  app.set_version_flag("--version", "disksnoop " DISKSNOOP_VERSION, "Print the version and end");
  app.set_help_flag("-h,--help", "Print this help and end");
  app.footer("It runs until Ctrl-C. Rows go to stdout, everything else to stderr.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, app.help(), 0};
  } catch (const CLI::CallForVersion&) {
    return {std::nullopt, app.version() + "\n", 0};
  } catch (const CLI::ParseError& error) {
    return wrong_command_line(error.what());
  }
  const GivenOptions given = given_options(app);
  const auto ruled = apply_option_rules(options, given);
  if (!ruled) return wrong_command_line(ruled.error().message);
  if (completion != nullptr) return {std::nullopt, completion(app.completed()), 0};
  return {*ruled, "", 0};
}

}  // namespace disksnoop
