#include "app/engine.h"

#include <gtest/gtest.h>

#include <string>

#include "kernel/output_capture.h"

namespace disksnoop {
namespace {

/// Starts a program without hooks or maps, which asks nothing of the kernel, and
/// gives what is told on stderr. Its types are those of another machine.
struct Started {
  explicit Started(std::string_view program, bool verbose) {
    const auto btf = KernelBtf::load(DISKSNOOP_TEST_DATA "/btf/6.1.0-50-arm64.btf");
    Options options;
    options.headers = Headers::kBtf;
    auto capture = OutputCapture::start();
    const auto session = start_session(program, {}, ProbePlan(), btf, options, Log(verbose));
    told = capture->stop();
    well = session.has_value();
  }
  bool tells(std::string_view text) const { return told.find(text) != std::string::npos; }

  std::string told;
  bool well = false;
};

constexpr std::string_view kNoisyProgram = "#warning some noise\n"
                                           "int program(void *context) { return 0; }\n";
constexpr std::string_view kWrongProgram = "int program(void *context) { return no_such_name; }\n";

TEST(StartSession, WhatTheCompilerSaysIsNotToldWhenAllIsWell) {
  const Started started(kNoisyProgram, false);
  EXPECT_TRUE(started.well);
  EXPECT_EQ(started.told, "");
}

TEST(StartSession, VerboseItIs) {
  const Started started(kNoisyProgram, true);
  EXPECT_TRUE(started.well);
  EXPECT_TRUE(started.tells("some noise")) << started.told;
}

TEST(StartSession, TheCauseOfAFailureIsToldAlways) {
  for (const bool verbose : {false, true}) {
    const Started started(kWrongProgram, verbose);
    EXPECT_FALSE(started.well);
    EXPECT_TRUE(started.tells("use of undeclared identifier 'no_such_name'")) << started.told;
  }
}

}  // namespace
}  // namespace disksnoop
