#include "kernel/recording.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test_fds.h"
#include "test_files.h"

namespace disksnoop {
namespace {

using Sizes = std::vector<std::string>;

/// A row whose size is `bytes`.
std::string row_line(int bytes) {
  return "          <idle>-0       [001] dNh.    78.860577: bpf_trace_printk: " +
         std::to_string(bytes) + " 80700 8256\n\n";
}

class RecordingTest : public testing::Test {
 protected:
  std::unique_ptr<Recording> recording_of(const std::string& text) {
    path_ = directory_.write("stream", text);
    UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    return Recording::map(fd, Dialect::kSeed);
  }

  /// The sizes of the rows to its end, or of the first `most`; how often it was drained.
  std::pair<Sizes, int> sizes_of(Recording& recording, std::size_t most = SIZE_MAX) {
    Sizes sizes;
    const auto sink = [&](const IoEvent& event) {
      sizes.emplace_back(event.bytes);
      return sizes.size() != most;
    };
    int drains = 1;
    while (recording.drain(sink)->state != EventSource::State::kEnded) ++drains;
    return {sizes, drains};
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_;
};

TEST_F(RecordingTest, GivesEveryRowAndTheLastNeedsNoNewline) {
  std::string text = row_line(1) + "a line of another program: x: y\n" + row_line(2) + row_line(3);
  text.resize(text.size() - 2);
  const auto recording = recording_of(text);
  ASSERT_TRUE(recording);
  EXPECT_EQ(sizes_of(*recording).first, (Sizes{"1", "2", "3"}));
}

TEST_F(RecordingTest, ALongOneComesInParts) {
  std::string text;
  Sizes expected;
  for (int i = 0; i < 10000; ++i) {
    text += row_line(i);
    expected.push_back(std::to_string(i));
  }
  const auto recording = recording_of(text);
  ASSERT_TRUE(recording);
  const auto [sizes, drains] = sizes_of(*recording);
  EXPECT_EQ(sizes, expected);
  EXPECT_GT(drains, 2);  // signals are looked at, and rows written, in between
}

TEST_F(RecordingTest, EndsWhenTheSinkHasEnough) {
  const auto recording = recording_of(row_line(1) + row_line(2) + row_line(3));
  ASSERT_TRUE(recording);
  EXPECT_EQ(sizes_of(*recording, 2).first, (Sizes{"1", "2"}));
}

TEST_F(RecordingTest, WhatCannotBeMappedStaysTheCallers) {
  EXPECT_FALSE(recording_of(""));
  Pipe pipe = make_pipe(O_CLOEXEC);
  EXPECT_FALSE(Recording::map(pipe.reader, Dialect::kSeed));
  EXPECT_TRUE(pipe.reader);
  UniqueFd status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(Recording::map(status, Dialect::kSeed));
  EXPECT_TRUE(status);
}

TEST_F(RecordingTest, AFileThatIsCutIsAnErrorAndNoCrash) {
  const auto recording = recording_of(std::string(100000, 'x') + "\n" + row_line(1));
  ASSERT_TRUE(recording);
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  EXPECT_EXIT(sizes_of(*recording), testing::ExitedWithCode(1),
              "^disksnoop: error: the recording was cut while it was read\n$");
}

}  // namespace
}  // namespace disksnoop
