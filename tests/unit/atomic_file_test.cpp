#include "system/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public ::testing::Test {
 protected:
  std::string path(std::string_view name) const { return directory_.path() / name; }

  static std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// All names, in any depth.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
      names.push_back(entry.path().lexically_relative(directory_.path()));
    }
    std::ranges::sort(names);
    return names;
  }

  void expect_written(const std::string& path, std::string_view text) {
    const auto file = AtomicFile::open(path);
    ASSERT_TRUE(file) << file.error().message;
    const auto written = file->write(text);
    EXPECT_TRUE(written) << written.error().message;
    EXPECT_EQ(text_of(path), text);
  }

  void expect_refused(const std::string& path, std::string_view why) {
    const auto file = AtomicFile::open(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().message, "cannot write " + path + ": " + std::string(why));
    EXPECT_EQ(file.error().status, 1);
  }

  TemporaryDirectory directory_;
};

using Names = std::vector<std::string>;

TEST_F(AtomicFileTest, WritesAFileThatWasNotThere) {
  expect_written(path("x"), "text\n");
  EXPECT_EQ(names(), Names{"x"});
}

TEST_F(AtomicFileTest, OpeningItChangesNothing) {
  directory_.write("old", "old");
  EXPECT_TRUE(AtomicFile::open(path("x")));
  EXPECT_TRUE(AtomicFile::open(path("old")));
  EXPECT_EQ(names(), Names{"old"});
  EXPECT_EQ(text_of(path("old")), "old");
}

TEST_F(AtomicFileTest, TakesThePlaceOfWhatWasThere) {
  directory_.write("x", "a longer text than the new one");
  // Who has it open still reads the old one.
  std::ifstream reader(path("x"));
  expect_written(path("x"), "new");
  expect_written(path("x"), "");
  std::string old;
  std::getline(reader, old);
  EXPECT_EQ(old, "a longer text than the new one");
  EXPECT_EQ(names(), Names{"x"});
}

TEST_F(AtomicFileTest, CanBeWrittenAgainAndAgain) {
  const auto file = AtomicFile::open(path("x"));
  ASSERT_TRUE(file);
  for (const std::string text : {"one", "two"}) {
    EXPECT_TRUE(file->write(text));
    EXPECT_EQ(text_of(path("x")), text);
  }
  EXPECT_EQ(names(), Names{"x"});
}

TEST_F(AtomicFileTest, LongNamesAreNames) {
  const std::string name = std::string(255, 'x');
  expect_written(path(name), "text");
  EXPECT_EQ(names(), Names{name});
  expect_refused(path(name + "x"), "File name too long");
}

TEST_F(AtomicFileTest, ANameWithoutADirectoryIsOfTheWorkingOne) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_.path());
  expect_written("x", "new");
  expect_written("x", "newer");
  const auto file = AtomicFile::open("y");
  fs::current_path(before);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->write("where it was opened"));
  EXPECT_EQ(names(), (Names{"x", "y"}));
}

/// One that another user puts there would choose which file is lost.
TEST_F(AtomicFileTest, ALinkIsNotFollowed) {
  directory_.write("to/there", "old");
  fs::create_symlink("to/there", path("link"));
  fs::create_symlink("to/new", path("dangling"));
  fs::create_directory_symlink("to", path("directory"));
  expect_refused(path("link"), "it is a link");
  expect_refused(path("dangling"), "it is a link");
  const auto file = AtomicFile::open(path("x"));
  ASSERT_TRUE(file);
  fs::create_symlink("to/there", path("x"));  // when it was looked at already
  EXPECT_TRUE(file->write("new"));
  EXPECT_FALSE(fs::is_symlink(path("x")));
  EXPECT_EQ(text_of(path("to/there")), "old");
  expect_written(path("directory/through"), "text");
  EXPECT_EQ(names(), (Names{"dangling", "directory", "link", "to", "to/there", "to/through", "x"}));
}

TEST_F(AtomicFileTest, WhereItCannotTakeItsPlaceItIsBesideIt) {
  const auto file = AtomicFile::open(path("x"));
  ASSERT_TRUE(file);
  fs::create_directories(path("x"));
  const auto written = file->write("text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("; it is in .x."), std::string::npos)
      << written.error().message;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(text_of(entry.path()), "text");
  }
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(AtomicFileTest, WhatCannotBeWrittenIsToldWhenItIsOpened) {
  directory_.write("file", "old");
  fs::create_directory(path("directory"));
  fs::create_symlink("directory", path("link"));
  fs::create_symlink("round", path("round"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  for (const std::string name : {"directory", "directory/.", "fifo"}) {
    expect_refused(path(name), "it is no regular file");
  }
  expect_refused(path("link"), "it is a link");
  expect_refused("/dev/null", "it is no regular file");
  expect_refused("", "it names no file");
  expect_refused(path("file/"), "it names no file");
  expect_refused(path("none/x"), "No such file or directory");
  expect_refused(path("file/x"), "Not a directory");
  expect_refused(path("round"), "it is a link");
  EXPECT_EQ(text_of(path("file")), "old");
  EXPECT_EQ(names(), (Names{"directory", "fifo", "file", "link", "round"}));
}

TEST_F(AtomicFileTest, WhatIsGoneWhenItIsWrittenIsAnError) {
  fs::create_directory(path("directory"));
  const auto file = AtomicFile::open(path("directory/x"));
  ASSERT_TRUE(file);
  fs::remove(path("directory"));
  const auto written = file->write("text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot write " + path("directory/x") + ": No such file or directory");
}

TEST_F(AtomicFileTest, ItsModeIsAsTheUmaskSays) {
  for (const auto& [mask, mode] : {std::pair<mode_t, mode_t>{022, 0644}, {077, 0600}}) {
    const mode_t before = ::umask(mask);
    expect_written(path("x"), "text");
    ::umask(before);
    struct stat status = {};
    ASSERT_EQ(::stat(path("x").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, mode);
  }
}

}  // namespace
}  // namespace disksnoop
