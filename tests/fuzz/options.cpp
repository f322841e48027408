// A command line, an argument a line: what it asks for can be done, or it says why not.
#include "app/options.h"

#include "fuzz.h"

namespace disksnoop {
namespace {

void check_values(const Options& options) {
  const SummaryOptions& summary = options.summary;
  require(!summary.interval_s || *summary.interval_s >= 0.1, "an interval is long enough");
  require(summary.top > 0, "a summary has lines");
  require(!options.duration_s || *options.duration_s >= 0, "a duration is none below 0");
  require(!options.count || *options.count > 0, "a count is from 1 on");
  require(options.max_delay.count() >= 0 && options.max_delay.count() <= 10'000, "a delay");
  if (options.buffer_bytes) {
    require(*options.buffer_bytes > 0 && *options.buffer_bytes <= kLargestBufferBytes, "a buffer");
  }
  for (const std::string& comm : options.filter.comms) {
    require(!comm.empty() && comm.size() <= 15, "a name of the kernel's", comm);
  }
}

/// What apply_option_rules() promises.
void check_rules(const Options& options) {
  const bool metrics = options.metrics.asked();
  require(options.rows || options.summary.asked || metrics, "something comes of it");
  require(!(options.rows && options.summary.asked), "rows or a summary");
  require(!options.columns || options.format->writer != nullptr, "columns have a format");
  require(!options.summary.asked || options.format->summary != nullptr, "a summary has a format");
  require(!options.filter.children || !options.filter.pids.empty(), "children are of a process");
  require(!options.replay || !(metrics || options.print_bpf || options.duration_s),
          "a recording is only read");
  const Query query = query_of(options);
  require(options.rows == !query.columns.empty(), "rows have columns");
  require(!options.summary.asked || !query.summary_keys.empty(), "a summary has keys");
  if (options.engine == Engine::kOriginal) {
    require(
        not_told_by(usual_columns(), options.filter).empty() && !options.summary.asked && !metrics,
        "the original can do it");
  }
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  std::vector<std::string> arguments = {"disksnoop"};
  for (const std::string_view line : pieces_of(text_of(data, size), '\n')) {
    // An argument ends with a NUL.
    arguments.emplace_back(line.substr(0, line.find('\0')));
  }
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  const CommandLine line = parse_command_line(static_cast<int>(argv.size()), argv.data());
  if (!line.options) {
    require(!line.text.empty() && (line.status == 0 || line.status == 2), "it says why not");
    return 0;
  }
  require(line.text.empty() && line.status == 0, "a run has no text of its own");
  check_values(*line.options);
  check_rules(*line.options);
  return 0;
}
