#include "app/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>

#include "version.h"

namespace disksnoop {
namespace {

const std::map<std::string, std::optional<Engine>> kEngines = {
    {"auto", std::nullopt}, {"original", Engine::kOriginal}, {"tracepoint", Engine::kTracepoint}};
const std::map<std::string, Headers> kHeaders = {
    {"auto", Headers::kAuto}, {"btf", Headers::kBtf}, {"kernel", Headers::kKernel}};
const std::map<std::string, Format> kFormats = {{"table", Format::kTable}, {"bcc", Format::kBcc}};

/// A finite number from 0 to a century, in decimal.
bool is_seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && value < 3.2e9;
}

bool is_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0;
}

/// The names of an option's values, "auto|original", for the help.
template <class Value>
std::string names_of(const std::map<std::string, Value>& values) {
  std::string names;
  for (const auto& [name, value] : values) names += (names.empty() ? "" : "|") + name;
  return names;
}

/// A check whose failure is told in plain words, and that adds nothing to the
/// help. Returns the text of the failure, empty if there is none.
template <class Check>
CLI::Validator plain_check(Check check) {
  return CLI::Validator([check](std::string& value) { return check(value); }, "");
}

/// An option whose value is one of the names in `values`.
template <class Value>
void add_choice(CLI::App& app, const std::string& names, Value& target,
                const std::map<std::string, Value>& values, const std::string& help) {
  app.add_option_function<std::string>(
         names, [&target, &values](const std::string& name) { target = values.at(name); }, help)
      ->check(plain_check([&values](const std::string& name) {
        return values.contains(name) ? ""
                                     : fmt::format("'{}' is none of {}", name, names_of(values));
      }))
      ->type_name(names_of(values));
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Trace block I/O: a line for each request, with its latency.", "disksnoop");
  add_choice(app, "-e,--engine", options.engine, kEngines, "How requests are traced");
  add_choice(app, "--headers", options.headers, kHeaders, "Where struct layouts come from");
  add_choice(app, "-f,--format", options.format, kFormats,
             "table: as disksnoop.py; bcc: as bcc's own disksnoop.py");
  app.add_option("-d,--disk", options.disk, "Only requests of this disk (tracepoint engine)")
      ->type_name("DISK");
  app.add_option_function<std::string>(
         "--buffer",
         [&options](const std::string& size) { options.buffer_bytes = *parse_buffer_size(size); },
         "Buffer between kernel and tool, 1M unless told (tracepoint engine)")
      ->check(plain_check([](const std::string& text) {
        return parse_buffer_size(text) ? "" : fmt::format("'{}' is no size up to 1G", text);
      }))
      ->type_name("SIZE");
  auto* duration =
      app.add_option("-D,--duration", options.duration_s, "Stop after so many seconds")
          ->check(plain_check([](const std::string& text) {
            return is_seconds(text) ? "" : fmt::format("'{}' is no number of seconds", text);
          }))
          ->type_name("SECONDS");
  app.add_option("-n,--count", options.count, "Stop after so many rows")
      ->check(plain_check([](const std::string& text) {
        return is_count(text) ? "" : fmt::format("'{}' is no whole number from 1 on", text);
      }))
      ->type_name("N");
  auto* replay =
      app.add_option("--replay", options.replay, "Format a recorded trace_pipe stream (- is stdin)")
          ->type_name("FILE");
  replay->excludes(duration);
  for (const char* live_only : {"--engine", "--headers", "--disk", "--buffer"}) {
    replay->excludes(app.get_option(live_only));
  }
  app.add_flag("--print-bpf", options.print_bpf, "Print the BPF program and end");
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
    return {std::nullopt, fmt::format("{} (see disksnoop --help)", error.what()), 2};
  }
  return {options, "", 0};
}

}  // namespace disksnoop
