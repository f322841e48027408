#include "app/trace_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "test_fds.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using State = EventSource::State;

constexpr std::string_view kHeader = "TIME(s)            T  BYTES    LAT(ms)\n";
constexpr std::string_view kRow = "0.000000000        R    512       0.00\n";

/// Gives one event each time it is drained, and then what it is told; two more
/// are left for the end.
class OneByOne final : public EventSource {
 public:
  explicit OneByOne(int events, Drained then) : left_(events), then_(then) {
    write_text(pipe_.writer, "always readable");
  }

  int fd() const override { return pipe_.reader.get(); }
  Result<Drained> drain(const EventSink& sink) override {
    ++drained;
    if (left_ == 0) return then_;
    --left_;
    return Drained{sink({.bytes = "512"}) ? State::kOpen : State::kEnded};
  }
  Result<bool> drain_rest(const EventSink& sink) override {
    --rest_;
    return sink({.bytes = "512"}) && rest_ > 0;
  }

  int drained = 0;

 private:
  Pipe pipe_ = make_pipe();
  int left_;
  int rest_ = 2;
  Drained then_;
};

constexpr EventSource::Drained kEnded{State::kEnded};

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

  Result<void> run(EventSource& source, std::optional<std::uint64_t> most_rows = {}) {
    RowPrinter printer(Output(pipe_.writer.get(), signals_->fd()), Format::kTable, most_rows);
    auto result = loop_.run(source, printer, *signals_);
    rows_ = printer.rows();
    return result;
  }
  /// What was printed; nothing can be printed after it.
  std::string printed() {
    pipe_.writer = UniqueFd();
    return read_to_end(pipe_.reader);
  }

  Result<StopSignals> signals_ = StopSignals::catch_signals();
  Pipe pipe_ = make_pipe();
  TraceLoop loop_;
  std::uint64_t rows_ = 0;
};

std::string table_of(int rows) {
  std::string text(kHeader);
  for (int i = 0; i < rows; ++i) text += kRow;
  return text;
}

TEST_F(TraceLoopTest, PrintsARowForEachEventUntilTheEnd) {
  OneByOne source(3, kEnded);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(printed(), table_of(3));
  EXPECT_EQ(rows_, 3U);
}

TEST_F(TraceLoopTest, StopsAfterSoManyRows) {
  OneByOne source(5, kEnded);
  EXPECT_TRUE(run(source, 2));
  EXPECT_EQ(printed(), table_of(2));
  EXPECT_EQ(rows_, 2U);
}

TEST_F(TraceLoopTest, StopsAtTheDeadlineAlsoWhenThereIsMore) {
  loop_.deadline = Clock::now();
  OneByOne source(5, kEnded);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(printed(), table_of(0));
}

TEST_F(TraceLoopTest, StopsAtASignal) {
  OneByOne source(5, kEnded);
  std::raise(SIGTERM);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(printed(), table_of(0));
}

TEST_F(TraceLoopTest, ASignalStopsTheEventsAndTheRestIsPrinted) {
  int stopped = 0;
  loop_.stop_events = [&stopped] { ++stopped; };
  loop_.print_rest = true;
  OneByOne source(5, kEnded);
  std::raise(SIGINT);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(printed(), table_of(2));
}

TEST_F(TraceLoopTest, TheRestIsNoMoreThanWasAskedFor) {
  loop_.print_rest = true;
  OneByOne source(5, kEnded);
  std::raise(SIGINT);
  EXPECT_TRUE(run(source, 1));
  EXPECT_EQ(printed(), table_of(1));
}

TEST_F(TraceLoopTest, WhenTheRowsAreThereEventsAreStoppedAndNoRestIsPrinted) {
  int stopped = 0;
  loop_.stop_events = [&stopped] { ++stopped; };
  OneByOne source(5, kEnded);
  EXPECT_TRUE(run(source, 2));
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(printed(), table_of(2));
}

TEST_F(TraceLoopTest, StopsWhenTheReaderIsGone) {
  pipe_.reader = UniqueFd();
  OneByOne source(5, kEnded);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(source.drained, 0);
}

TEST_F(TraceLoopTest, ASourceThatAsksForAPauseGetsIt) {
  OneByOne source(1, {State::kAgain, milliseconds(50)});
  loop_.deadline = Clock::now() + milliseconds(220);
  EXPECT_TRUE(run(source));
  EXPECT_LE(source.drained, 7);
  EXPECT_GE(source.drained, 2);
  EXPECT_EQ(printed(), table_of(1));
}

TEST_F(TraceLoopTest, TellsEverySecond) {
  int told = 0;
  loop_.every_second = [&told] { ++told; };
  loop_.deadline = Clock::now() + milliseconds(1200);
  OneByOne source(0, {State::kAgain, milliseconds(20)});
  EXPECT_TRUE(run(source));
  EXPECT_EQ(told, 1);
}

TEST_F(TraceLoopTest, ASignalEndsItAlsoWhileNobodyReadsStdout) {
  const std::string fill(4096, 'x');
  ::fcntl(pipe_.writer.get(), F_SETFL, O_NONBLOCK);
  while (::write(pipe_.writer.get(), fill.data(), fill.size()) > 0) continue;
  ::fcntl(pipe_.writer.get(), F_SETFL, 0);
  OneByOne source(5, kEnded);
  RowPrinter printer(Output(pipe_.writer.get(), signals_->fd()), Format::kTable, {});
  std::thread stopper([main = ::pthread_self()] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::pthread_kill(main, SIGTERM);
  });
  EXPECT_TRUE(loop_.run(source, printer, *signals_));
  stopper.join();
  EXPECT_TRUE(printer.cut_short());
}

TEST_F(TraceLoopTest, AFullDiskEndsItWithAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  RowPrinter printer(Output(full.get()), Format::kTable, {});
  OneByOne source(5, kEnded);
  const auto result = loop_.run(source, printer, *signals_);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("No space left on device"), std::string::npos);
}

/// Fails when it is drained.
class Broken final : public EventSource {
 public:
  Broken() { write_text(pipe_.writer, "readable"); }
  int fd() const override { return pipe_.reader.get(); }
  Result<Drained> drain(const EventSink&) override { return fail("broken"); }
  Result<bool> drain_rest(const EventSink&) override { return fail("broken at the end"); }

 private:
  Pipe pipe_ = make_pipe();
};

TEST_F(TraceLoopTest, AFailureOfTheSourceIsHandedOn) {
  Broken source;
  const auto result = run(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "broken");
}

TEST_F(TraceLoopTest, AFailureAtTheEndIsHandedOn) {
  loop_.print_rest = true;
  std::raise(SIGINT);
  Broken source;
  const auto result = run(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "broken at the end");
}

TEST(DeadlineIn, IsSoManySecondsFromNow) {
  EXPECT_EQ(deadline_in(std::nullopt), std::nullopt);
  const auto before = Clock::now();
  const auto deadline = deadline_in(0.5);
  ASSERT_TRUE(deadline);
  EXPECT_GE(*deadline, before + milliseconds(500));
  EXPECT_LE(*deadline, Clock::now() + milliseconds(500));
}

}  // namespace
}  // namespace disksnoop
