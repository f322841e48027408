#include "app/trace_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
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

/// A source that gives rows to whatever printer it is run with.
class RowSource : public EventSource {
 public:
  void give_to(RowPrinter& printer) { printer_ = &printer; }

 protected:
  /// False if no more are wanted.
  bool give() {
    return printer_->add([](std::string& out) { out += kRow; });
  }

 private:
  RowPrinter* printer_ = nullptr;
};

/// Gives so many events each time it is drained, `events` in all, and then what
/// it is told; some more are left for the end, where they come one by one.
class OneByOne final : public RowSource {
 public:
  explicit OneByOne(int events, Drained then, int rest = 2, int at_once = 1)
      : left_(events), rest_(rest), at_once_(at_once), then_(then) {
    write_text(pipe_.writer, "always readable");
  }

  int fd() const override { return pipe_.reader.get(); }
  Result<Drained> drain() override {
    ++drained;
    if (falls_silent_) read_away();
    if (left_ == 0) return then_;
    for (int i = 0; i < at_once_ && left_ > 0; ++i) {
      --left_;
      if (!give()) return Drained{State::kEnded};
    }
    return Drained{State::kOpen};
  }
  Result<bool> drain_rest() override {
    if (rest_ == 0) return false;
    --rest_;
    return give() && rest_ > 0;
  }

  int left() const { return left_ + rest_; }

  /// It is readable until it is drained for the first time.
  void fall_silent() { falls_silent_ = true; }

  int drained = 0;

 private:
  Pipe pipe_ = make_pipe();
  int left_;
  int rest_;
  int at_once_;
  bool falls_silent_ = false;

  void read_away() {
    std::array<char, 64> text;
    EXPECT_GT(::read(pipe_.reader.get(), text.data(), text.size()), 0);
    falls_silent_ = false;
  }
  Drained then_;
};

constexpr EventSource::Drained kEnded{State::kEnded};

class TraceLoopTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  Result<void> run(RowSource& source, std::optional<std::uint64_t> most_rows = {}) {
    RowPrinter printer(Output(pipe_.writer.get()), std::string(kHeader), most_rows);
    source.give_to(printer);
    auto result = loop_.run(source, printer, *signals_);
    rows_ = printer.rows();
    return result;
  }
  /// Stops the loop from another thread once `condition` is met.
  template <class Condition>
  std::jthread stop_once(Condition condition) {
    return std::jthread([condition, main = ::pthread_self()] {
      while (!condition()) std::this_thread::sleep_for(milliseconds(1));
      ::pthread_kill(main, SIGTERM);
    });
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
  constexpr milliseconds kPause(20);
  OneByOne source(1, {State::kAgain, kPause});
  const auto begin = Clock::now();
  const auto stopper = stop_once([&] { return source.drained >= 4; });
  EXPECT_TRUE(run(source));
  // The first two come without one.
  EXPECT_GE(Clock::now() - begin, kPause * (source.drained - 2));
  EXPECT_EQ(printed(), table_of(1));
}

TEST_F(TraceLoopTest, ASourceThatIsReadableIsDrainedBeforeItsTimeIsUp) {
  OneByOne source(3, {State::kOpen, milliseconds(60'000)});
  const auto stopper = stop_once([&] { return source.drained >= 6; });
  EXPECT_TRUE(run(source));
  EXPECT_EQ(printed(), table_of(3));
}

TEST_F(TraceLoopTest, ASourceThatIsNotReadableIsDrainedWhenItsTimeIsUp) {
  constexpr milliseconds kPause(20);
  OneByOne source(0, {State::kOpen, kPause});
  source.fall_silent();
  const auto begin = Clock::now();
  const auto stopper = stop_once([&] { return source.drained >= 4; });
  EXPECT_TRUE(run(source));
  EXPECT_GE(Clock::now() - begin, kPause * (source.drained - 1));  // the first comes at once
}

TEST_F(TraceLoopTest, TellsEverySecond) {
  int told = 0;
  loop_.every_second = [&told] { ++told; };
  loop_.deadline = Clock::now() + milliseconds(1200);
  OneByOne source(0, {State::kAgain, milliseconds(20)});
  const auto begin = Clock::now();
  EXPECT_TRUE(run(source));
  EXPECT_GE(told, 1);
  EXPECT_LE(told, (Clock::now() - begin) / std::chrono::seconds(1));
}

TEST_F(TraceLoopTest, EventsAreStoppedBeforeTheRestIsTaken) {
  loop_.print_rest = true;
  OneByOne source(0, {State::kOpen});
  int left_when_stopped = -1;
  loop_.stop_events = [&] { left_when_stopped = source.left(); };
  std::raise(SIGINT);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(left_when_stopped, 2);
  EXPECT_EQ(source.left(), 0);
}

TEST_F(TraceLoopTest, ADeadlineThatIsPastPrintsTheHeaderAlone) {
  loop_.deadline = Clock::now();
  OneByOne source(5, kEnded, 5);
  EXPECT_TRUE(run(source));
  EXPECT_EQ(source.drained, 0);
  EXPECT_EQ(printed(), table_of(0));
}

TEST_F(TraceLoopTest, TheSourceWaitsForAReaderThatIsBusy) {
  OneByOne source(1'000'000, kEnded, 0, 1000);
  loop_.deadline = Clock::now() + milliseconds(300);
  loop_.patience = {milliseconds(0), milliseconds(0), milliseconds(0)};
  EXPECT_FALSE(run(source));
  // What waits for the reader is bounded.
  EXPECT_LT(source.drained, 20);
}

TEST_F(TraceLoopTest, ASlowReaderGetsEveryRow) {
  loop_.print_rest = true;
  OneByOne source(20'000, {State::kOpen}, 30'000, 1000);
  std::string text;
  std::jthread reader([&] {
    while (true) {
      const std::string part = read_bytes(pipe_.reader, 16 * 1024);
      text += part;
      if (part.size() < 16 * 1024) break;
      std::this_thread::sleep_for(milliseconds(2));
    }
  });
  const auto stopper = stop_once([&] { return source.drained > 20; });
  EXPECT_TRUE(run(source));
  pipe_.writer = UniqueFd();
  reader.join();
  EXPECT_EQ(rows_, 50'000U);
  EXPECT_EQ(text, table_of(50'000));
}

TEST_F(TraceLoopTest, WhatAReaderDoesNotTakeIsTold) {
  loop_.print_rest = true;
  OneByOne source(1'000'000, kEnded, 500, 1000);
  const auto stopper = stop_once([&] { return source.drained > 1; });
  const auto result = run(source);
  ASSERT_FALSE(result);
  const auto told = static_cast<std::uint64_t>(source.drained) * 1000 + 500 - rows_;
  EXPECT_EQ(result.error().message,
            "nothing read stdout any more: " + std::to_string(told) + " rows were not written");
  const std::string text = printed();
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_EQ(rows_, static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) - 1);
}

TEST_F(TraceLoopTest, WhatCannotBeCountedIsToldAsSuch) {
  loop_.print_rest = true;
  loop_.patience.counting = milliseconds(0);
  fill(pipe_.writer);
  OneByOne source(5000, {State::kOpen}, 500, 5000);
  const auto stopper = stop_once([&] { return source.drained > 0; });
  const auto result = run(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "nothing read stdout any more: at least 5001 rows were not written");
}

TEST_F(TraceLoopTest, NoMoreRowsAreToldThanWereAskedFor) {
  loop_.print_rest = true;
  fill(pipe_.writer);
  OneByOne source(100, {State::kOpen}, 500, 100);
  const auto stopper = stop_once([&] { return source.drained > 1; });
  const auto result = run(source, 150);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "nothing read stdout any more: 150 rows were not written");
}

TEST_F(TraceLoopTest, AHeaderThatWasNotReadIsTold) {
  fill(pipe_.writer);
  OneByOne source(0, {State::kAgain, milliseconds(5)});
  const auto stopper = stop_once([&] { return source.drained > 0; });
  const auto result = run(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "nothing read stdout: the header was not written");
}

// Also when it takes less than there is room for another row.
TEST_F(TraceLoopTest, AReaderThatTakesLittleIsWaitedFor) {
  OneByOne source(3000, {State::kOpen}, 0, 3000);
  loop_.patience = {milliseconds(2000), milliseconds(0), milliseconds(0)};
  std::atomic<bool> stopped = false;
  std::atomic<int> taken = 0;
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stopped) std::this_thread::sleep_for(milliseconds(1));
    // A byte each time: far less than a page, which is what makes room.
    for (; taken < 50 && !stop.stop_requested(); ++taken) {
      read_bytes(pipe_.reader, 1);
      std::this_thread::sleep_for(milliseconds(60));
    }
  });
  const auto stopper = stop_once([&] { return source.drained > 1; });
  loop_.stop_events = [&] { stopped = true; };
  EXPECT_FALSE(run(source));
  reader.request_stop();
  EXPECT_EQ(taken, 50);
}

TEST_F(TraceLoopTest, TheDeadlineIsSeenWhileNothingHappens) {
  loop_.deadline = Clock::now() + milliseconds(50);
  OneByOne source(0, {State::kAgain, std::chrono::hours(1)});
  ::alarm(60);  // else it would wait for the hour
  EXPECT_TRUE(run(source));
  ::alarm(0);
  EXPECT_EQ(printed(), table_of(0));
}

TEST_F(TraceLoopTest, TheDeadlineIsSeenWhileNobodyReads) {
  loop_.deadline = Clock::now() + milliseconds(50);
  OneByOne source(1'000'000, kEnded, 0, 1000);
  EXPECT_FALSE(run(source));
}

TEST_F(TraceLoopTest, EverySecondIsToldWhileNobodyReads) {
  int told = 0;
  loop_.every_second = [&told] { ++told; };
  loop_.deadline = Clock::now() + milliseconds(1200);
  loop_.patience = {milliseconds(0), milliseconds(0), milliseconds(0)};
  OneByOne source(1'000'000, kEnded, 0, 1000);
  const auto begin = Clock::now();
  EXPECT_FALSE(run(source));
  EXPECT_GE(told, 1);
  EXPECT_LE(told, (Clock::now() - begin) / std::chrono::seconds(1));
}

TEST_F(TraceLoopTest, AReaderThatGoesEndsItAlsoWhenThereAreNoEvents) {
  int stopped = 0;
  loop_.stop_events = [&stopped] { ++stopped; };
  OneByOne source(0, {State::kAgain, std::chrono::hours(1)});
  std::jthread reader([&] {
    read_bytes(pipe_.reader, kHeader.size());
    pipe_.reader = UniqueFd();
  });
  EXPECT_TRUE(run(source));
  EXPECT_EQ(stopped, 1);
}

TEST_F(TraceLoopTest, TheLastRowsOfAFullDiskAreAnError) {
  loop_.print_rest = true;
  const UniqueFd file(::memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // The header, and half a row more.
  ASSERT_EQ(::ftruncate(file.get(), kHeader.size() + 10), 0);
  ASSERT_EQ(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  RowPrinter printer(Output(file.get()), std::string(kHeader), {});
  OneByOne source(0, {State::kOpen});
  source.give_to(printer);
  std::raise(SIGTERM);
  EXPECT_FALSE(loop_.run(source, printer, *signals_));
  EXPECT_EQ(printer.rows(), 0U);
}

TEST_F(TraceLoopTest, AFullDiskEndsItWithAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  RowPrinter printer(Output(full.get()), std::string(kHeader), {});
  OneByOne source(5, kEnded);
  source.give_to(printer);
  const auto result = loop_.run(source, printer, *signals_);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("No space left on device"), std::string::npos);
}

// 1, whatever signal comes while that is told.
TEST_F(TraceLoopTest, AFailureHasItsStatusFromThenOn) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EXIT(
      {
        RowPrinter printer(Output(full.get()), std::string(kHeader), {});
        OneByOne source(5, kEnded);
        source.give_to(printer);
        static_cast<void>(loop_.run(source, printer, *signals_));
        { const StopSignals ended = std::move(*signals_); }
        std::raise(SIGTERM);
        ::_exit(9);
      },
      testing::ExitedWithCode(1), "");
}

/// Fails when it is drained a second time.
class Broken final : public RowSource {
 public:
  Broken() { write_text(pipe_.writer, "readable"); }
  int fd() const override { return pipe_.reader.get(); }
  Result<Drained> drain() override {
    if (drained_++ > 0) return fail("broken");
    give();
    return Drained{State::kOpen};
  }
  Result<bool> drain_rest() override { return fail("broken at the end"); }

 private:
  Pipe pipe_ = make_pipe();
  int drained_ = 0;
};

TEST_F(TraceLoopTest, AFailureOfTheSourceIsHandedOn) {
  Broken source;
  const auto result = run(source);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "broken");
  EXPECT_EQ(printed(), table_of(1));
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
