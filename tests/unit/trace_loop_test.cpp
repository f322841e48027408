#include "app/trace_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using State = EventSource::State;

constexpr std::string_view kRow = "0.000000000        R    512       0.00\n";

/// Gives one event each time it is drained, and then the state it is told.
class OneByOne final : public EventSource {
 public:
  explicit OneByOne(int events, State then) : left_(events), then_(then) {
    write_text(pipe_.writer, "always readable");
  }

  int fd() const override { return pipe_.reader.get(); }
  Result<State> drain(const EventSink& sink) override {
    ++drained;
    if (left_ == 0) return then_;
    --left_;
    return sink({.bytes = "512"}) ? State::kOpen : State::kEnded;
  }

  int drained = 0;

 private:
  Pipe pipe_ = make_pipe();
  int left_;
  State then_;
};

class TraceLoopTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    const timespec now = {};
    while (::sigtimedwait(&stop, nullptr, &now) > 0) continue;
    ::sigprocmask(SIG_UNBLOCK, &stop, nullptr);
  }

  Result<void> print(EventSource& source, TraceLimits limits = {}) {
    return print_rows(source, *signals_, output_, Format::kTable, limits);
  }
  /// What was printed; nothing can be printed after it.
  std::string printed() {
    pipe_.writer = UniqueFd();
    return read_to_end(pipe_.reader);
  }

  Result<StopSignals> signals_ = StopSignals::catch_signals();
  Pipe pipe_ = make_pipe();
  Output output_{pipe_.writer.get()};
};

std::string rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += kRow;
  return text;
}

TEST_F(TraceLoopTest, PrintsARowForEachEventUntilTheEnd) {
  OneByOne source(3, State::kEnded);
  EXPECT_TRUE(print(source));
  EXPECT_EQ(printed(), rows(3));
}

TEST_F(TraceLoopTest, StopsAfterSoManyRows) {
  OneByOne source(5, State::kEnded);
  EXPECT_TRUE(print(source, {.deadline = {}, .rows = 2}));
  EXPECT_EQ(printed(), rows(2));
}

TEST_F(TraceLoopTest, StopsAtTheDeadlineAlsoWhenThereIsMore) {
  OneByOne source(5, State::kEnded);
  EXPECT_TRUE(print(source, {.deadline = Clock::now(), .rows = {}}));
  EXPECT_EQ(printed(), "");
}

TEST_F(TraceLoopTest, StopsAtASignal) {
  OneByOne source(5, State::kEnded);
  std::raise(SIGTERM);
  EXPECT_TRUE(print(source));
  EXPECT_EQ(printed(), "");
}

TEST_F(TraceLoopTest, StopsWhenTheReaderIsGone) {
  pipe_.reader = UniqueFd();
  OneByOne source(5, State::kEnded);
  EXPECT_TRUE(print(source));
  EXPECT_EQ(source.drained, 1);
}

TEST_F(TraceLoopTest, AnIdleSourceIsNotAskedWithoutAPause) {
  OneByOne source(1, State::kIdle);
  EXPECT_TRUE(print(source, {.deadline = Clock::now() + milliseconds(200), .rows = {}}));
  EXPECT_LE(source.drained, 6);
  EXPECT_GE(source.drained, 2);
  EXPECT_EQ(printed(), rows(1));
}

TEST_F(TraceLoopTest, AFullDiskEndsItWithAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Output output(full.get());
  OneByOne source(5, State::kEnded);
  const auto result = print_rows(source, *signals_, output, Format::kTable, {});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("No space left on device"), std::string::npos);
}

/// Fails when it is drained.
class Broken final : public EventSource {
 public:
  Broken() { write_text(pipe_.writer, "readable"); }
  int fd() const override { return pipe_.reader.get(); }
  Result<State> drain(const EventSink&) override { return fail("broken"); }

 private:
  Pipe pipe_ = make_pipe();
};

TEST_F(TraceLoopTest, AFailureOfTheSourceIsHandedOn) {
  Broken source;
  const auto result = print(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "broken");
}

}  // namespace
}  // namespace disksnoop
