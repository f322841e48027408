#include "system/files.h"

#include <gtest/gtest.h>

#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

TEST(Root, PutsAbsolutePathsBelowItself) {
  EXPECT_EQ(Root().at("/proc/kallsyms"), "/proc/kallsyms");
  EXPECT_EQ(Root("/tmp/tree").at("/proc/kallsyms"), "/tmp/tree/proc/kallsyms");
}

TEST(ReadFile, GivesTheWholeFile) {
  const TemporaryDirectory directory;
  std::string text(200'000, 'x');
  text += '\0';
  text += "\xff\n";
  EXPECT_EQ(read_file(directory.write("large", text)), text);
  EXPECT_EQ(read_file(directory.write("empty", "")), "");
}

TEST(ReadFile, ReadsFilesOfProcThatHaveNoSize) {
  const auto text = read_file("/proc/self/status");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->starts_with("Name:"));
}

TEST(ReadFile, SaysWhatIsMissing) {
  const auto text = read_file("/no/such/file");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "cannot read /no/such/file: No such file or directory");
}

TEST(ReadFile, ADirectoryIsAnError) {
  const TemporaryDirectory directory;
  const auto text = read_file(directory.path());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "cannot read " + directory.path().string() + ": Is a directory");
}

}  // namespace
}  // namespace disksnoop
