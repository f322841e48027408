#include "system/background_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

constexpr std::chrono::minutes kPatience(1);

class BackgroundFileTest : public ::testing::Test {
 protected:
  BackgroundFile open() const {
    auto file = AtomicFile::open(path_);
    EXPECT_TRUE(file) << file.error().message;
    auto started = BackgroundFile::start(std::move(*file));
    EXPECT_TRUE(started) << started.error().message;
    return std::move(*started);
  }

  std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() / "disksnoop.prom";
};

TEST_F(BackgroundFileTest, TheNewestTextIsThereAtTheEnd) {
  BackgroundFile file = open();
  for (const char* text : {"one\n", "two\n", "three\n"}) file.put(text);
  EXPECT_TRUE(file.finish(kPatience));
  EXPECT_EQ(text(), "three\n");
  EXPECT_TRUE(file.result());
  file.put("four\n");
  EXPECT_TRUE(file.finish(kPatience));
  EXPECT_EQ(text(), "four\n");
}

TEST_F(BackgroundFileTest, WithoutATextNothingIsWritten) {
  BackgroundFile file = open();
  EXPECT_TRUE(file.finish(kPatience));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(BackgroundFileTest, AFailureIsTheResultUntilAWriteSucceeds) {
  BackgroundFile file = open();
  std::filesystem::create_directory(path_);  // in the place of the file
  file.put("one\n");
  EXPECT_FALSE(file.finish(kPatience));
  EXPECT_FALSE(file.result());
  const auto names = std::filesystem::directory_iterator(directory_.path());
  EXPECT_EQ(std::distance(begin(names), end(names)), 1) << "nothing is left beside it";
  std::filesystem::remove(path_);
  file.put("two\n");
  EXPECT_TRUE(file.finish(kPatience));
  EXPECT_TRUE(file.result());
  EXPECT_EQ(text(), "two\n");
}

}  // namespace
}  // namespace disksnoop
