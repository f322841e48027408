#include "app/option_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace disksnoop {
namespace {

const GivenOptions kAll = {"--engine",    "--headers",  "--format", "--disk",   "--buffer",
                           "--max-delay", "--duration", "--count",  "--replay", "--print-bpf",
                           "--verbose",   "--version",  "--help"};

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
  for (const std::string other :
       {"--engine", "--headers", "--buffer", "--max-delay", "--duration", "--print-bpf"}) {
    expect_error({}, {"--replay", other}, "--replay", other);
  }
}

TEST(OptionRules, WhatHasNoUseWithPrintBpfIsNotTakenWithIt) {
  EXPECT_EQ(that_go_with("--print-bpf"),
            (GivenOptions{"--engine", "--disk", "--verbose", "--version", "--help"}));
  for (const std::string other :
       {"--headers", "--format", "--buffer", "--max-delay", "--duration", "--count", "--replay"}) {
    expect_error({}, {"--print-bpf", other}, "--print-bpf", other);
  }
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
  for (const std::string option : {"--buffer", "--max-delay"}) {
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

TEST(OptionRules, WithoutAnyTheKernelDecidesOnTheEngine) {
  const auto ruled = apply_option_rules({}, {"--duration", "--count", "--format", "--headers"});
  ASSERT_TRUE(ruled);
  EXPECT_EQ(ruled->engine, std::nullopt);
  EXPECT_EQ(ruled->engine_chosen_for, "");
}

}  // namespace
}  // namespace disksnoop
