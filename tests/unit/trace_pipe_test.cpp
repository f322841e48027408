#include "original/trace_pipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "test_fds.h"

namespace disksnoop {
namespace {

using State = EventSource::State;

/// The state after reading what is there.
Result<State> drain(TracePipe& trace) {
  const auto drained = trace.drain();
  if (!drained) return std::unexpected(drained.error());
  return drained->state;
}

/// A row whose size is `bytes`.
std::string row_line(int bytes) {
  return "          <idle>-0       [001] dNh.    78.860577: bpf_trace_printk: " +
         std::to_string(bytes) + " 80700 8256\n\n";
}

class TracePipeTest : public testing::Test {
 protected:
  /// After `most` rows no more are wanted.
  TracePipe source(TracePipe::AtEnd at_end, std::size_t most = 1000) {
    return {std::move(pipe_.reader), at_end, Dialect::kSeed, [this, most](const OriginalRow& row) {
              sizes_.emplace_back(row.bytes);
              return sizes_.size() < most;
            }};
  }
  /// All that is left, piece by piece.
  void drain_rest(TracePipe& trace) {
    while (true) {
      const auto more = trace.drain_rest();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) return;
    }
  }

  Pipe pipe_ = make_pipe(O_CLOEXEC | O_NONBLOCK);
  std::vector<std::string> sizes_;
};

TEST_F(TracePipeTest, GivesAnEventForEachRow) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits);
  write_text(pipe_.writer, row_line(1) + row_line(2));
  EXPECT_EQ(drain(trace), State::kOpen);
  EXPECT_EQ(sizes_, (std::vector<std::string>{"1", "2"}));
}

TEST_F(TracePipeTest, NothingThereIsNoEnd) {
  TracePipe trace = source(TracePipe::AtEnd::kEnds);
  const auto drained = trace.drain();
  ASSERT_TRUE(drained);
  EXPECT_EQ(drained->state, State::kAgain);
  EXPECT_GT(drained->pause.count(), 0) << "or it would be asked without end where poll(2) errs";
  EXPECT_TRUE(sizes_.empty());
}

TEST_F(TracePipeTest, NoLineIsLostHoweverItComes) {
  const std::string text = row_line(1) + row_line(22) + row_line(333);
  for (const std::size_t step : {1U, 2U, 3U, 60U, 75U}) {
    pipe_ = make_pipe(O_CLOEXEC | O_NONBLOCK);
    sizes_.clear();
    TracePipe trace = source(TracePipe::AtEnd::kWaits);
    for (std::size_t at = 0; at < text.size(); at += step) {
      write_text(pipe_.writer, text.substr(at, step));
      EXPECT_EQ(drain(trace), State::kOpen);
    }
    EXPECT_EQ(sizes_, (std::vector<std::string>{"1", "22", "333"})) << step;
    EXPECT_EQ(trace.counts().foreign_lines, 0U);
  }
}

TEST_F(TracePipeTest, ARecordingEndsAndItsLastLineNeedsNoNewline) {
  TracePipe trace = source(TracePipe::AtEnd::kEnds);
  const std::string line = row_line(1);
  write_text(pipe_.writer, row_line(2) + line.substr(0, line.find('\n')));
  pipe_.writer = UniqueFd();
  EXPECT_EQ(drain(trace), State::kOpen);
  EXPECT_EQ(sizes_, (std::vector<std::string>{"2"}));
  EXPECT_EQ(drain(trace), State::kEnded);
  EXPECT_EQ(sizes_, (std::vector<std::string>{"2", "1"}));
}

TEST_F(TracePipeTest, TheLivePipeOnlyPauses) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits);
  pipe_.writer = UniqueFd();
  for (int i = 0; i < 2; ++i) {
    const auto drained = trace.drain();
    ASSERT_TRUE(drained);
    EXPECT_EQ(drained->state, State::kAgain);
    EXPECT_GT(drained->pause.count(), 0) << "or it would be asked without end";
  }
}

TEST_F(TracePipeTest, TheRestIsAllThatIsThere) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits);
  const std::string line = row_line(3);
  write_text(pipe_.writer, row_line(1) + row_line(2) + line.substr(0, 20));
  drain_rest(trace);
  EXPECT_EQ(sizes_, (std::vector<std::string>{"1", "2"})) << "a line that is cut is none";
  write_text(pipe_.writer, line.substr(20));
  drain_rest(trace);
  EXPECT_EQ(sizes_.back(), "3");
}

TEST_F(TracePipeTest, TheRestHasAnEndAlsoWhenOthersGoOnWriting) {
  TracePipe trace(UniqueFd(::open("/dev/zero", O_RDONLY | O_CLOEXEC)), TracePipe::AtEnd::kWaits,
                  Dialect::kSeed, [](const OriginalRow&) { return true; });
  for (int pieces = 0; pieces < 1000; ++pieces) {
    const auto more = trace.drain_rest();
    ASSERT_TRUE(more);
    if (!*more) return;
  }
  FAIL() << "still going on";
}

TEST_F(TracePipeTest, TheRestEndsWhenTheSinkHasEnough) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits, 1);
  write_text(pipe_.writer, row_line(1) + row_line(2));
  const auto more = trace.drain_rest();
  EXPECT_TRUE(more && !*more);
  EXPECT_EQ(sizes_.size(), 1U);
}

TEST_F(TracePipeTest, ASinkThatHasEnoughEndsIt) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits, 2);
  write_text(pipe_.writer, row_line(1) + row_line(2) + row_line(3));
  EXPECT_EQ(drain(trace), State::kEnded);
  EXPECT_EQ(sizes_.size(), 2U);
}

TEST_F(TracePipeTest, CountsForeignLinesAndLostEvents) {
  TracePipe trace = source(TracePipe::AtEnd::kWaits);
  write_text(pipe_.writer,
             "CPU:1 [LOST 17 EVENTS]\n"
             "            bash-249     [000] d.h.    79.701746: tracing_mark_write: hello\n" +
                 row_line(1));
  EXPECT_EQ(drain(trace), State::kOpen);
  EXPECT_EQ(sizes_.size(), 1U);
  EXPECT_EQ(trace.counts().foreign_lines, 1U);
  EXPECT_EQ(trace.counts().lost_events, 17U);
}

TEST(TracePipe, WhatCannotBeReadIsAnError) {
  TracePipe trace(UniqueFd(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
                  TracePipe::AtEnd::kEnds, Dialect::kSeed, [](const OriginalRow&) { return true; });
  const auto state = drain(trace);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().message, "cannot read the trace: Is a directory");
}

}  // namespace
}  // namespace disksnoop
