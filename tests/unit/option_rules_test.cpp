#include "app/option_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace disksnoop {
namespace {

const GivenOptions kAll = {"--engine",    "--headers",   "--format",   "--disk",    "--buffer",
                           "--layer",     "--max-delay", "--duration", "--count",   "--replay",
                           "--print-bpf", "--sandbox",   "--verbose",  "--version", "--help"};

Options with_engine(Engine engine) {
  Options options;
  options.engine = engine;
  return options;
}

/// Options that go with `option`, each together with it alone.
GivenOptions that_go_with(const std::string& option) {
  GivenOptions found;
  for (const std::string& other : kAll) {
    if (other != option && apply_option_rules({}, {option, other})) found.insert(other);
  }
  return found;
}

void expect_error(const Options& options, const GivenOptions& given, std::string_view first,
                  std::string_view second) {
  const auto ruled = apply_option_rules(options, given);
  ASSERT_FALSE(ruled) << first << " " << second;
  EXPECT_NE(ruled.error().message.find(first), std::string::npos) << ruled.error().message;
  EXPECT_NE(ruled.error().message.find(second), std::string::npos) << ruled.error().message;
}

TEST(OptionRules, WhatHasNoUseWithAReplayIsNotTakenWithIt) {
  EXPECT_EQ(that_go_with("--replay"),
            (GivenOptions{"--format", "--disk", "--count", "--verbose", "--version", "--help"}));
  for (const std::string other : {"--engine", "--headers", "--buffer", "--max-delay", "--duration",
                                  "--print-bpf", "--sandbox", "--layer"}) {
    expect_error({}, {"--replay", other}, "--replay", other);
  }
}

TEST(OptionRules, WhatHasNoUseWithPrintBpfIsNotTakenWithIt) {
  EXPECT_EQ(that_go_with("--print-bpf"),
            (GivenOptions{"--engine", "--disk", "--layer", "--verbose", "--version", "--help"}));
  for (const std::string other : {"--headers", "--format", "--buffer", "--max-delay", "--duration",
                                  "--count", "--replay", "--sandbox"}) {
    expect_error({}, {"--print-bpf", other}, "--print-bpf", other);
  }
}

TEST(OptionRules, WhatHasNoUseWithACheckIsNotTakenWithIt) {
  EXPECT_EQ(that_go_with("--check"),
            (GivenOptions{"--format", "--verbose", "--version", "--help"}));
  for (const std::string other : {"--replay", "--disk", "--wide", "--listen", "--errors"}) {
    expect_error({}, {"--check", other}, "--check", other);
  }
  Options options;
  options.check = true;
  options.format = &formats()[1];
  expect_error(options, {"--check", "--format"}, "--format=bcc", "--check");
}

TEST(OptionRules, TheOthersGoTogether) {
  GivenOptions others = kAll;
  for (const std::string option : {"--replay", "--print-bpf"}) others.erase(option);
  EXPECT_TRUE(apply_option_rules({}, others));
}

TEST(OptionRules, ThereCanBeManyNamesButNotAny) {
  Options options;
  options.filter.comms.assign(128, "dd");
  EXPECT_TRUE(apply_option_rules(options, {"--comm"}));
  options.filter.comms.emplace_back("one too many");
  expect_error(options, {"--comm"}, "--comm", "128");
}

TEST(OptionRules, WhatTheOriginalEngineDoesNotHaveTakesTheOther) {
  for (const std::string option : {"--layer", "--buffer", "--max-delay"}) {
    const auto ruled = apply_option_rules({}, {option});
    ASSERT_TRUE(ruled);
    EXPECT_EQ(ruled->engine, Engine::kTracepoint) << option;
    EXPECT_EQ(ruled->engine_chosen_for, option);
    expect_error(with_engine(Engine::kOriginal), {"--engine", option}, option, "--engine=original");
  }
}

TEST(OptionRules, AFilterByWhatALineDoesNotTellTakesTheOther) {
  for (const auto& [option, filter] : {
           std::pair<std::string, Filter>{"--disk", {.disks = {"sda"}}},
           {"--pid", {.pids = {1}}},
           {"--comm", {.comms = {"dd"}}},
           {"--cgroup", {.cgroups = {"/"}}},
           {"--op", {.operations = {OperationClass::kRead, OperationClass::kFlush}}},
           {"--errors", {.errors = true}},
       }) {
    Options options;
    options.filter = filter;
    const auto ruled = apply_option_rules(options, {option});
    ASSERT_TRUE(ruled);
    EXPECT_EQ(ruled->engine, Engine::kTracepoint) << option;
    EXPECT_EQ(ruled->engine_chosen_for, option);
    options.engine = Engine::kOriginal;
    expect_error(options, {"--engine", option}, option, "--engine=original");
  }
}

TEST(OptionRules, AFilterByWhatALineTellsGoesWithBoth) {
  Options options;
  options.filter.min_ns = 1;
  const auto ruled = apply_option_rules(options, {"--min-ms"});
  ASSERT_TRUE(ruled);
  EXPECT_EQ(ruled->engine, std::nullopt);
  options.engine = Engine::kOriginal;
  options.filter.operations = {OperationClass::kRead, OperationClass::kWrite};
  EXPECT_TRUE(apply_option_rules(options, {"--engine", "--op"}));
}

TEST(OptionRules, AnOperationIsSurerByTheOther) {
  Options options;
  options.filter.operations = {OperationClass::kRead};
  const auto ruled = apply_option_rules(options, {"--op"});
  ASSERT_TRUE(ruled);
  EXPECT_EQ(ruled->engine, Engine::kTracepoint);
  EXPECT_EQ(ruled->engine_chosen_for, "the operation of every request");
}

TEST(OptionRules, ARecordingKnowsDisksByTheKernelsNames) {
  Options options;
  options.replay = "rows";
  for (const std::string disk : {"/dev/disk/by-id/x", "/dev/mapper/x", "/tmp/x", "/dev/./x"}) {
    options.filter.disks = {disk};
    expect_error(options, {"--replay", "--disk"}, "--replay", "--disk");
  }
  options.filter.disks = {"sda", "/dev/sda", "/dev/cciss/c0d0"};
  EXPECT_TRUE(apply_option_rules(options, {"--replay", "--disk"}));
}

TEST(OptionRules, ChildrenAreThoseOfAProcess) {
  expect_error({}, {"--children", "--comm"}, "--children", "--pid");
}

TEST(OptionRules, AnEngineThatWasAskedForIsTaken) {
  const auto ruled = apply_option_rules(with_engine(Engine::kTracepoint), {"--engine", "--disk"});
  ASSERT_TRUE(ruled);
  EXPECT_EQ(ruled->engine, Engine::kTracepoint);
  EXPECT_EQ(ruled->engine_chosen_for, "");
  const auto original = apply_option_rules(with_engine(Engine::kOriginal), {"--engine", "--count"});
  ASSERT_TRUE(original);
  EXPECT_EQ(original->engine, Engine::kOriginal);
}

/// By the option that asks for it.
Options with_summary(const std::string& option) {
  Options options;
  if (option == "--interval") options.summary.interval_s = 1;
  if (option == "--histogram") options.summary.distributions = true;
  if (option == "--heatmap") options.summary.heat_map = "x";
  return options;
}

const Format* format(std::string_view name) {
  return &*std::ranges::find(formats(), name, &Format::name);
}

const GivenOptions kSummary = {"--summary", "--interval",  "--by",
                               "--top",     "--histogram", "--heatmap"};

TEST(OptionRules, EachOptionOfASummaryAsksForIt) {
  for (const std::string& option : kSummary) {
    const auto ruled = apply_option_rules(with_summary(option), {option});
    ASSERT_TRUE(ruled) << ruled.error().message;
    EXPECT_TRUE(ruled->summary.asked) << option;
    EXPECT_EQ(ruled->engine, Engine::kTracepoint) << option;
    EXPECT_EQ(ruled->engine_chosen_for, "a summary") << option;
    EXPECT_TRUE(query_of(*ruled).columns.empty());
    EXPECT_EQ(query_of(*ruled).summary_keys, usual_summary_keys());
  }
  const auto none = apply_option_rules({}, {"--count"});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->summary.asked);
  EXPECT_TRUE(query_of(*none).summary_keys.empty());
}

TEST(OptionRules, ASummaryHasNoRows) {
  for (const std::string& option : kSummary) {
    for (const std::string other : {"--columns", "--wide", "--max-delay"}) {
      expect_error(with_summary(option), {option, other}, "--summary prints no rows", other);
    }
    Options options = with_summary(option);
    options.format = format("bcc");
    expect_error(options, {option, "--format"}, "--format=bcc", "has no summary");
    options = with_summary(option);
    options.engine = Engine::kOriginal;
    expect_error(options, {option, "--engine"}, "a summary", "--engine=original");
  }
}

TEST(OptionRules, ASummaryGoesWithTheOthers) {
  GivenOptions given = kAll;
  for (const std::string option : {"--replay", "--print-bpf", "--max-delay", "--count"}) {
    given.erase(option);
  }
  given.insert("--summary");
  EXPECT_TRUE(apply_option_rules({}, given));
  EXPECT_TRUE(apply_option_rules({}, kSummary));
  Options options;
  options.replay = "rows";
  EXPECT_TRUE(apply_option_rules(options, {"--summary", "--replay", "--format"}));
}

TEST(OptionRules, TablesAreCountedWhereThereAreMany) {
  expect_error({}, {"--summary", "--count"}, "--count", "--interval");
  EXPECT_TRUE(apply_option_rules(with_summary("--interval"), {"--interval", "--count"}));
}

TEST(OptionRules, DistributionsAreOfTheTable) {
  Options options = with_summary("--histogram");
  options.format = format("json");
  expect_error(options, {"--histogram", "--format"}, "--format=json", "--histogram");
  options.summary.distributions = false;
  EXPECT_TRUE(apply_option_rules(options, {"--summary", "--format"}));
}

std::vector<std::string_view> names_of(const Columns& columns) {
  std::vector<std::string_view> names;
  for (const Column* column : columns) names.push_back(column->name);
  return names;
}

Options with_metrics() {
  Options options;
  options.metrics.listen = ListenAddress{"127.0.0.1", 10101};
  return options;
}

TEST(OptionRules, MetricsAlonePrintNothing) {
  const auto ruled = apply_option_rules(with_metrics(), {"--listen"});
  ASSERT_TRUE(ruled) << ruled.error().message;
  EXPECT_FALSE(ruled->rows);
  EXPECT_FALSE(ruled->summary.asked);
  EXPECT_EQ(ruled->engine, Engine::kTracepoint);
  EXPECT_EQ(ruled->engine_chosen_for, "metrics");
  const Query query = query_of(*ruled);
  EXPECT_TRUE(query.columns.empty());
  EXPECT_EQ(names_of(query.summary_keys), (std::vector<std::string_view>{"disk", "op"}));
}

TEST(OptionRules, RowsBesideMetricsAreAskedFor) {
  for (const char* option : {"--columns", "--wide", "--format"}) {
    Options options = with_metrics();
    options.columns = usual_columns();
    const auto ruled = apply_option_rules(options, {"--listen", option});
    ASSERT_TRUE(ruled) << ruled.error().message;
    EXPECT_TRUE(ruled->rows);
    EXPECT_EQ(query_of(*ruled).columns, usual_columns());
    EXPECT_EQ(query_of(*ruled).summary_keys.size(), 2U);
  }
}

TEST(OptionRules, ASummaryBesideMetricsIsAskedFor) {
  Options options = with_metrics();
  options.summary.keys = *parse_summary_keys("file,comm");
  const auto ruled = apply_option_rules(options, {"--listen", "--top", "--by", "--interval"});
  ASSERT_TRUE(ruled) << ruled.error().message;
  EXPECT_TRUE(ruled->summary.asked);
  EXPECT_FALSE(ruled->rows);
  EXPECT_EQ(names_of(ruled->metrics.labels), (std::vector<std::string_view>{"disk", "op", "comm"}));
  EXPECT_EQ(names_of(query_of(*ruled).summary_keys),
            (std::vector<std::string_view>{"file", "comm", "disk", "op"}));
}

TEST(OptionRules, AnIntervalAndKeysAreOfMetricsAlone) {
  Options options = with_metrics();
  options.metrics.file = "disksnoop.prom";
  options.summary.keys = *parse_summary_keys("cgroup");
  const auto ruled = apply_option_rules(options, {"--metrics", "--interval", "--by"});
  ASSERT_TRUE(ruled) << ruled.error().message;
  EXPECT_FALSE(ruled->summary.asked);
  EXPECT_EQ(names_of(ruled->metrics.labels),
            (std::vector<std::string_view>{"disk", "op", "cgroup"}));
}

TEST(OptionRules, WhatMetricsLeaveNothingToDoIsNotTaken) {
  expect_error(with_metrics(), {"--listen", "--interval"}, "--interval", "--listen");
  expect_error(with_metrics(), {"--listen", "--count"}, "--count", "metrics alone");
  Options options = with_metrics();
  options.summary.keys = *parse_summary_keys("comm,pid");
  expect_error(options, {"--listen", "--by"}, "--by", "pid");
  options = with_metrics();
  options.metrics.file = "a";
  options.summary.interval_s = 0.5;
  expect_error(options, {"--metrics", "--interval"}, "--interval", "--metrics");
  options.summary.interval_s = 5;
  options.summary.heat_map = "a";
  expect_error(options, {"--metrics", "--heatmap"}, "--heatmap", "--metrics");
  expect_error(with_metrics(), {"--listen", "--replay"}, "--replay", "--listen");
  expect_error(with_metrics(), {"--listen", "--print-bpf"}, "--print-bpf", "--listen");
  options = with_metrics();
  options.engine = Engine::kOriginal;
  expect_error(options, {"--listen", "--engine"}, "metrics", "--engine=original");
}

TEST(OptionRules, OfASummaryAProgramHasTheKeysAlone) {
  for (const std::string option : {"--summary", "--by"}) {
    EXPECT_TRUE(apply_option_rules({}, {"--print-bpf", option})) << option;
  }
  for (const std::string option : {"--interval", "--top", "--histogram", "--heatmap"}) {
    expect_error(with_summary(option), {"--print-bpf", option}, "--print-bpf", option);
  }
}

TEST(OptionRules, WithoutAnyTheKernelDecidesOnTheEngine) {
  const auto ruled = apply_option_rules({}, {"--duration", "--count", "--format", "--headers"});
  ASSERT_TRUE(ruled);
  EXPECT_EQ(ruled->engine, std::nullopt);
  EXPECT_EQ(ruled->engine_chosen_for, "");
}

}  // namespace
}  // namespace disksnoop
