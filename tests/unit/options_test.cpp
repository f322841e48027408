#include "app/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace disksnoop {
namespace {

CommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "disksnoop");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

/// The options that these arguments set.
Options options_of(const std::vector<const char*>& arguments) {
  const CommandLine command_line = parse(arguments);
  EXPECT_TRUE(command_line.options) << command_line.text;
  EXPECT_EQ(command_line.text, "");
  EXPECT_EQ(command_line.status, 0);
  return command_line.options.value_or(Options());
}

/// Checks that these arguments are a wrong command line: status 2 and one line
/// that holds `part`.
void expect_wrong(const std::vector<const char*>& arguments, std::string_view part) {
  const CommandLine command_line = parse(arguments);
  EXPECT_FALSE(command_line.options);
  EXPECT_EQ(command_line.status, 2);
  EXPECT_NE(command_line.text.find(part), std::string::npos) << command_line.text;
  EXPECT_EQ(command_line.text.find('\n'), std::string::npos) << command_line.text;
}

TEST(Options, Defaults) {
  const Options options = options_of({});
  EXPECT_EQ(options.engine, std::nullopt);
  EXPECT_EQ(options.headers, Headers::kAuto);
  EXPECT_EQ(options.format->name, "table");
  EXPECT_FALSE(options.buffer_bytes);
  EXPECT_EQ(options.filter, Filter());
  EXPECT_EQ(options.duration_s, std::nullopt);
  EXPECT_EQ(options.count, std::nullopt);
  EXPECT_EQ(options.replay, std::nullopt);
  EXPECT_FALSE(options.print_bpf);
  EXPECT_FALSE(options.verbose);
}

TEST(Options, Engine) {
  EXPECT_EQ(options_of({"-e", "original"}).engine, Engine::kOriginal);
  EXPECT_EQ(options_of({"--engine=original"}).engine, Engine::kOriginal);
  EXPECT_EQ(options_of({"--engine", "auto"}).engine, std::nullopt);
  EXPECT_EQ(options_of({"--engine", "tracepoint"}).engine, Engine::kTracepoint);
  expect_wrong({"--engine", "fast"}, "'fast' is none of auto|original|tracepoint");
  expect_wrong({"--engine", ""}, "--engine");
  expect_wrong({"--engine", "ORIGINAL"}, "ORIGINAL");
  expect_wrong({"--engine"}, "--engine");
}

TEST(Options, Sandbox) {
  EXPECT_TRUE(options_of({}).sandbox);
  EXPECT_TRUE(options_of({"--sandbox=on"}).sandbox);
  EXPECT_FALSE(options_of({"--sandbox", "off"}).sandbox);
  EXPECT_EQ(options_of({"--sandbox", "off"}).engine, std::nullopt);
  expect_wrong({"--sandbox", "no"}, "'no' is none of on|off");
  expect_wrong({"--sandbox"}, "--sandbox");
}

TEST(Options, Headers) {
  EXPECT_EQ(options_of({"--headers", "kernel"}).headers, Headers::kKernel);
  EXPECT_EQ(options_of({"--headers", "btf"}).headers, Headers::kBtf);
  EXPECT_EQ(options_of({"--headers=auto"}).headers, Headers::kAuto);
  expect_wrong({"--headers", "none"}, "'none' is none of auto|");
}

TEST(Options, Format) {
  EXPECT_EQ(options_of({"-f", "bcc"}).format->name, "bcc");
  EXPECT_EQ(options_of({"--format=table"}).format->name, "table");
  expect_wrong({"-f", "xml"}, "'xml' is none of");
}

TEST(Options, Disk) {
  EXPECT_EQ(options_of({"-d", "sda", "--disk", "sdb1"}).filter.disks,
            (std::vector<std::string>{"sda", "sdb1"}));
  EXPECT_EQ(options_of({"--disk=/dev/nvme0n1"}).filter.disks,
            std::vector<std::string>{"/dev/nvme0n1"});
  EXPECT_EQ(options_of({"-d", "sda"}).engine, Engine::kTracepoint);
  expect_wrong({"--disk"}, "--disk");
  expect_wrong({"-e", "original", "-d", "sda"}, "--disk does not go with --engine=original");
}

TEST(Options, Processes) {
  EXPECT_EQ(options_of({"-p", "1", "--pid=23"}).filter.pids, (std::vector<std::uint32_t>{1, 23}));
  EXPECT_TRUE(options_of({"-p", "1", "--children"}).filter.children);
  EXPECT_EQ(options_of({"--comm", "a b", "--comm=dd"}).filter.comms,
            (std::vector<std::string>{"a b", "dd"}));
  EXPECT_EQ(options_of({"--cgroup", "/a"}).filter.cgroups, std::vector<std::string>{"/a"});
  expect_wrong({"-p", "0"}, "'0' is no number of a process, from 1 to 4194304");
  expect_wrong({"-p", "1", "-p", "x"}, "'x' is no number of a process");
  expect_wrong({"-p", "1", "2"}, "2");
  expect_wrong({"--comm", "0123456789abcdef"}, "keeps 15 bytes of a name: '0123456789abcde'");
  expect_wrong({"--cgroup", ""}, "--cgroup");
}

TEST(Options, Operations) {
  EXPECT_EQ(options_of({"--op", "read,flush"}).filter.operations,
            (std::vector{OperationClass::kRead, OperationClass::kFlush}));
  expect_wrong({"--op", "reed"}, "there is no operation 'reed'; there are read, write,");
}

TEST(Options, TimeAndErrors) {
  EXPECT_EQ(options_of({"-m", "0.05"}).filter.min_ns, 50'000U);
  EXPECT_EQ(options_of({"--min-ms=100"}).filter.min_ns, 100'000'000U);
  EXPECT_EQ(options_of({"-m", "0"}).filter.min_ns, 0U);
  EXPECT_EQ(options_of({"-m", "1"}).engine, std::nullopt);
  EXPECT_TRUE(options_of({"--errors"}).filter.errors);
  for (const char* value : {"-1", "x", "", "1ms", "nan", "inf"}) {
    expect_wrong({"-m", value}, "no number of ms");
  }
}

TEST(Options, Buffer) {
  EXPECT_EQ(options_of({"--buffer", "64K"}).buffer_bytes, 65536U);
  EXPECT_EQ(options_of({"--buffer", "010K"}).buffer_bytes, 10240U);
  EXPECT_EQ(options_of({"--buffer", "64K"}).engine, Engine::kTracepoint);
  for (const char* value : {"0", "-1", "x", "", "1T", "1.5M", "2G"}) {
    expect_wrong({"--buffer", value}, "--buffer");
  }
}

TEST(Options, MaxDelay) {
  EXPECT_EQ(options_of({}).max_delay, std::chrono::milliseconds(100));
  EXPECT_EQ(options_of({"--max-delay", "0"}).max_delay, std::chrono::milliseconds(0));
  EXPECT_EQ(options_of({"--max-delay=10000"}).max_delay, std::chrono::milliseconds(10'000));
  EXPECT_EQ(options_of({"--max-delay", "5"}).engine, Engine::kTracepoint);
  for (const char* value : {"-1", "x", "", "0.5", "10001", "5ms"}) {
    expect_wrong({"--max-delay", value}, "--max-delay");
  }
}

TEST(Options, Duration) {
  EXPECT_EQ(options_of({"-D", "5"}).duration_s, 5.0);
  EXPECT_EQ(options_of({"--duration=0.25"}).duration_s, 0.25);
  EXPECT_EQ(options_of({"--duration", "0"}).duration_s, 0.0);
  EXPECT_EQ(options_of({"--duration", ".5"}).duration_s, 0.5);
  EXPECT_EQ(options_of({"--duration", "010"}).duration_s, 10.0);
  EXPECT_EQ(options_of({"--duration", "1e3"}).duration_s, 1000.0);
  for (const char* value : {"-1", "x", "", "5s", "nan", "inf", "1e300", " 5", "0x5", "+5"}) {
    expect_wrong({"--duration", value}, "--duration");
  }
}

TEST(Options, Count) {
  EXPECT_EQ(options_of({"-n", "1"}).count, 1U);
  EXPECT_EQ(options_of({"--count=18446744073709551615"}).count, 18446744073709551615U);
  EXPECT_EQ(options_of({"-n", "010"}).count, 10U);
  EXPECT_EQ(options_of({"-n", "08"}).count, 8U);
  for (const char* value :
       {"0", "00", "-1", "x", "", "1.5", "18446744073709551616", "+1", " 5", "0x10", "1e3"}) {
    expect_wrong({"--count", value}, "--count");
  }
}

TEST(Options, Summary) {
  EXPECT_FALSE(options_of({}).summary.asked);
  const Options usual = options_of({"-s"});
  EXPECT_TRUE(usual.summary.asked);
  EXPECT_EQ(usual.summary.keys, std::nullopt);
  EXPECT_EQ(usual.summary.interval_s, std::nullopt);
  EXPECT_EQ(usual.summary.top, 20U);
  EXPECT_FALSE(usual.summary.distributions);
  EXPECT_EQ(usual.summary.heat_map, std::nullopt);
  EXPECT_EQ(options_of({"-i", "0.1"}).summary.interval_s, 0.1);
  EXPECT_EQ(options_of({"--interval=86400"}).summary.interval_s, 86'400);
  EXPECT_EQ(options_of({"--by", "pid,file"}).summary.keys,
            (Columns{find_column("pid"), find_column("file")}));
  EXPECT_EQ(options_of({"--top", "1"}).summary.top, 1U);
  EXPECT_TRUE(options_of({"--histogram"}).summary.distributions);
  EXPECT_EQ(options_of({"--heatmap", "a b.svg"}).summary.heat_map, "a b.svg");
  for (const char* value : {"0", "0.05", "0.0999", "-1", "", "x", "nan", "inf", "1s", "+1"}) {
    expect_wrong({"-i", value}, "no number of seconds from 0.1 on");
  }
  for (const char* value : {"0", "-1", "", "x", "1.5"}) expect_wrong({"--top", value}, "--top");
  for (const char* value : {"", "sector", "disk,", "disk,op,disk"}) {
    expect_wrong({"--by", value}, "--by");
  }
  expect_wrong({"--heatmap", ""}, "--heatmap");
}

TEST(Options, Metrics) {
  EXPECT_FALSE(options_of({}).metrics.asked());
  const Options options = options_of({"--listen", "[::1]:10101", "--metrics", "a.prom"});
  EXPECT_EQ(options.metrics.listen->text(), "[::1]:10101");
  EXPECT_EQ(options.metrics.file, "a.prom");
  expect_wrong({"--listen", "0"}, "no port from 1 to 65535");
  expect_wrong({"--listen", "localhost:10101"}, "no address like");
  expect_wrong({"--metrics", ""}, "--metrics");
}

TEST(Options, Replay) {
  EXPECT_EQ(options_of({"--replay", "file"}).replay, "file");
  EXPECT_EQ(options_of({"--replay", "-"}).replay, "-");
  EXPECT_EQ(options_of({"--replay=-", "-n", "3"}).count, 3U);
  expect_wrong({"--replay"}, "--replay");
  // Also where the value is the default: it is asked for.
  for (const char* live : {"--engine=auto", "--headers=auto", "--buffer=1M", "--duration=5"}) {
    expect_wrong({"--replay", "file", live}, "it does not go with --");
  }
}

TEST(Options, Flags) {
  EXPECT_TRUE(options_of({"--print-bpf"}).print_bpf);
  EXPECT_TRUE(options_of({"-v"}).verbose);
  EXPECT_TRUE(options_of({"--verbose"}).verbose);
}

TEST(Options, Layer) {
  EXPECT_EQ(options_of({}).layer, Layer::kRequest);
  EXPECT_EQ(options_of({"--layer", "request"}).layer, Layer::kRequest);
  const Options options = options_of({"--layer=bio"});
  EXPECT_EQ(options.layer, Layer::kBio);
  EXPECT_EQ(options.engine, Engine::kTracepoint);
  expect_wrong({"--layer", "dm"}, "none of request|bio");
  expect_wrong({"--layer=bio", "--engine=original"}, "--engine=original");
}

TEST(Options, WhatIsNoOptionIsWrong) {
  expect_wrong({"--no-such-option"}, "--no-such-option");
  expect_wrong({"-x"}, "-x");
  expect_wrong({"sda"}, "sda");
}

TEST(Options, HelpNamesEveryOption) {
  for (const char* argument : {"-h", "--help"}) {
    const CommandLine command_line = parse({argument});
    EXPECT_FALSE(command_line.options);
    EXPECT_EQ(command_line.status, 0);
    for (const char* option :
         {"-e,--engine",   "--headers",     "-f,--format", "-d,--disk",    "--buffer",
          "--max-delay",   "-D,--duration", "-n,--count",  "--replay",     "-s,--summary",
          "-i,--interval", "--by",          "--top",       "--histogram",  "--heatmap",
          "--layer",       "--sandbox",     "--print-bpf", "-v,--verbose", "--version",
          "-h,--help"}) {
      EXPECT_NE(command_line.text.find(option), std::string::npos) << option;
    }
  }
}

TEST(Options, Version) {
  const CommandLine command_line = parse({"--version"});
  EXPECT_FALSE(command_line.options);
  EXPECT_EQ(command_line.status, 0);
  EXPECT_TRUE(command_line.text.starts_with("disksnoop "));
  EXPECT_TRUE(command_line.text.ends_with('\n'));
}

}  // namespace
}  // namespace disksnoop
