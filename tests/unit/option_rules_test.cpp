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
            (GivenOptions{"--format", "--count", "--verbose", "--version", "--help"}));
  for (const std::string other : {"--engine", "--headers", "--disk", "--buffer", "--max-delay",
                                  "--duration", "--print-bpf"}) {
    expect_error({}, {"--replay", other}, "--replay", other);
  }
}

TEST(OptionRules, WhatHasNoUseWithPrintBpfIsNotTakenWithIt) {
  EXPECT_EQ(that_go_with("--print-bpf"),
            (GivenOptions{"--engine", "--verbose", "--version", "--help"}));
  for (const std::string other : {"--headers", "--format", "--disk", "--buffer", "--max-delay",
                                  "--duration", "--count", "--replay"}) {
    expect_error({}, {"--print-bpf", other}, "--print-bpf", other);
  }
}

TEST(OptionRules, TheOthersGoTogether) {
  GivenOptions others = kAll;
  for (const std::string option : {"--replay", "--print-bpf"}) others.erase(option);
  EXPECT_TRUE(apply_option_rules({}, others));
}

TEST(OptionRules, WhatTheOriginalEngineDoesNotHaveTakesTheOther) {
  for (const std::string option : {"--disk", "--buffer", "--max-delay"}) {
    const auto ruled = apply_option_rules({}, {option});
    ASSERT_TRUE(ruled);
    EXPECT_EQ(ruled->engine, Engine::kTracepoint) << option;
    EXPECT_EQ(ruled->engine_chosen_for, option);
    expect_error(with_engine(Engine::kOriginal), {"--engine", option}, option, "--engine=original");
  }
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
