#include "original/symbol_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "test_files.h"

namespace disksnoop {
namespace {

TEST(SymbolFiles, AreReadWhereTheKernelHasThem) {
  const TemporaryDirectory directory;
  directory.write("/proc/kallsyms", "0 T f\n");
  directory.write("/sys/kernel/debug/kprobes/blacklist", "0x0-0x1\tg\n");
  directory.write("/sys/kernel/tracing/available_filter_functions", "f\n");
  const SymbolFiles files =
      read_symbol_files(Root(directory.path()), directory.path() / "sys/kernel/tracing");
  EXPECT_EQ(files.kallsyms, "0 T f\n");
  EXPECT_EQ(files.blacklist, "0x0-0x1\tg\n");
  EXPECT_EQ(files.available_filter_functions, "f\n");
}

TEST(SymbolFiles, EachSaysWhyItIsNotThere) {
  const TemporaryDirectory directory;
  directory.write("/proc/kallsyms", "");
  const SymbolFiles files =
      read_symbol_files(Root(directory.path()), directory.path() / "sys/kernel/tracing");
  EXPECT_EQ(files.kallsyms, "") << "empty is not missing";
  ASSERT_FALSE(files.blacklist);
  EXPECT_NE(files.blacklist.error().message.find("kprobes/blacklist: No such file"),
            std::string::npos);
  ASSERT_FALSE(files.available_filter_functions);
  EXPECT_NE(files.available_filter_functions.error().message.find(
                "available_filter_functions: No such file"),
            std::string::npos);
}

TEST(Kprobes, AreThereIfEitherInterfaceIs) {
  const TemporaryDirectory directory;
  const Root root(directory.path());
  const auto tracefs = directory.path() / "sys/kernel/tracing";
  EXPECT_FALSE(has_kprobes(root, tracefs));
  directory.write("/sys/kernel/tracing/kprobe_events", "");
  EXPECT_TRUE(has_kprobes(root, tracefs));
  std::filesystem::remove(tracefs / "kprobe_events");
  EXPECT_FALSE(has_kprobes(root, tracefs));
  directory.write("/sys/bus/event_source/devices/kprobe/type", "6\n");
  EXPECT_TRUE(has_kprobes(root, tracefs));
}

}  // namespace
}  // namespace disksnoop
