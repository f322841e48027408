#include "original/trace_options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

using Lines = std::vector<std::string>;

/// tracefs as it is when nobody has changed it.
class TraceOptions : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* on : {"tracing_on", "options/context-info", "options/irq-info",
                           "options/markers", "options/overwrite", "options/record-cmd"}) {
      set(on, "1\n");
    }
    for (const char* off : {"options/record-tgid", "options/latency-format", "options/raw",
                            "options/hex", "options/bin", "options/blk_classic", "options/fields",
                            "options/verbose", "options/printk-msg-only"}) {
      set(off, "0\n");
    }
  }
  void set(const std::string& file, std::string_view text) { directory_.write(file, text); }
  std::string path(const std::string& file) const { return (directory_.path() / file).string(); }
  Lines hindrances() const { return trace_hindrances(directory_.path()); }

  TemporaryDirectory directory_;
};

TEST_F(TraceOptions, AsTheKernelHasThemNoneIsInTheWay) { EXPECT_EQ(hindrances(), Lines()); }

TEST_F(TraceOptions, FilesThatAreNotThereAreNotEither) {
  EXPECT_EQ(trace_hindrances(directory_.path() / "not-there"), Lines());
}

TEST_F(TraceOptions, TracingOff) {
  set("tracing_on", "0\n");
  EXPECT_EQ(hindrances(),
            (Lines{"tracing_on is off, so no rows will come: echo 1 > " + path("tracing_on")}));
}

TEST_F(TraceOptions, EachOptionIsToldWithTheFileToWriteTo) {
  for (const std::string option : {"context-info", "irq-info"}) {
    set("options/" + option, "0\n");
    EXPECT_EQ(hindrances(), (Lines{"options/" + option +
                                   " is off, so its lines cannot be read as rows: echo 1 > " +
                                   path("options/" + option)}));
    set("options/" + option, "1\n");
  }
  for (const std::string option :
       {"record-tgid", "latency-format", "raw", "hex", "bin", "blk_classic"}) {
    set("options/" + option, "1\n");
    EXPECT_EQ(hindrances(), (Lines{"options/" + option +
                                   " is on, so its lines cannot be read as rows: echo 0 > " +
                                   path("options/" + option)}));
    set("options/" + option, "0\n");
  }
}

TEST_F(TraceOptions, AllAreTold) {
  set("options/irq-info", "0\n");
  set("options/fields", "1\n");
  EXPECT_EQ(hindrances().size(), 2U);
  EXPECT_NE(hindrances()[1].find("options/fields is on, so BYTES is no number"), std::string::npos);
}

TEST_F(TraceOptions, OthersDoNotMatter) {
  for (const char* option : {"verbose", "printk-msg-only"}) {
    set(std::string("options/") + option, "1\n");
  }
  EXPECT_EQ(hindrances(), Lines());
}

}  // namespace
}  // namespace disksnoop
