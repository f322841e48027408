#include "app/trace_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "system/wait.h"

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using Moment = std::optional<Clock::time_point>;

constexpr std::chrono::seconds kTick(1);
/// How often a reader that leaves no room is looked at.
constexpr std::chrono::milliseconds kLook(100);
/// Until a descriptor that refused what it seemed to have room for is tried again.
constexpr std::chrono::milliseconds kTryAgain(20);

/// Of the moments that there are; none is later than all.
Moment earliest(std::initializer_list<Moment> moments) {
  Moment first;
  for (const Moment& moment : moments) {
    if (moment && (!first || *moment < *first)) first = moment;
  }
  return first;
}

bool is_past(const Moment& moment) { return moment && Clock::now() >= *moment; }

/// A run of the loop.
class Run {
 public:
  Run(const TraceLoop& loop, EventSource& source, RowPrinter& printer, const StopSignals& signals)
      : loop_(loop), source_(source), printer_(printer), signals_(signals) {}

  Result<void> to_the_end();

 private:
  Result<void> loop();
  Result<Happened> wait() const;
  void tell_every_second();
  /// After a signal, the deadline, or a failure.
  void stop();
  void stop_events();
  /// Takes what the source has, if it is its turn.
  Result<void> take_events(const Happened& happened);
  Result<void> drain();
  Result<void> drain_rest();
  /// Writes what stdout takes now; false if nobody reads it any more.
  Result<bool> write_rows();
  void look_at_reader();
  bool is_out_of_patience() const;
  Result<void> give_up();

  const TraceLoop& loop_;
  EventSource& source_;
  RowPrinter& printer_;
  const StopSignals& signals_;

  bool more_ = true;  // events may come
  bool events_are_on_ = true;
  Moment stopped_;
  Moment next_tick_;
  Moment drain_again_;                       // drain then, whether the source is readable or not
  bool source_is_watched_ = true;            // and drain before then if it is readable
  Moment write_again_;                       // not before then
  Clock::time_point looked_ = Clock::now();  // at the reader
  Clock::duration silent_{};                 // how long it took nothing, as far as we looked
  std::int64_t progress_ = 0;                // Output::progress() when last looked at
};

Result<void> Run::to_the_end() {
  if (loop_.header_first) printer_.add_header();
  auto result = loop();
  stop_events();
  set_status_of_end_at_once(result ? 0 : result.error().status);
  return result;
}

Result<void> Run::loop() {
  Result<void> result;
  if (loop_.every_second) next_tick_ = Clock::now() + kTick;
  while (true) {
    const auto reader_is_there = write_rows();
    if (!reader_is_there) return std::unexpected(reader_is_there.error());
    if (!*reader_is_there || (!more_ && printer_.output().is_empty())) return result;
    if (is_out_of_patience()) return result ? give_up() : result;

    const auto happened = wait();
    if (!happened) return std::unexpected(happened.error());
    tell_every_second();
    if (happened->reader_gone) return result;
    if (!stopped_ && (happened->stop || is_past(loop_.deadline))) stop();
    if (auto taken = take_events(*happened); !taken) {
      // The rows before it are written all the same.
      result = std::move(taken);
      stop();
      more_ = false;
    }
  }
}

Result<Happened> Run::wait() const {
  const Output& output = printer_.output();
  const bool takes_events = more_ && !output.is_full();
  Awaited awaited{.output = output.fd(), .room = !output.is_empty() && !write_again_};
  if (!stopped_) awaited.stop = signals_.fd();
  if (takes_events && !stopped_ && source_is_watched_) awaited.source = source_.fd();
  awaited.until = earliest({
      next_tick_,
      write_again_,
      stopped_ ? Moment() : loop_.deadline,
      takes_events ? (stopped_ ? stopped_ : drain_again_) : Moment(),
      output.is_empty() ? Moment() : Clock::now() + kLook,
  });
  return wait_for(awaited);
}

void Run::tell_every_second() {
  if (!is_past(next_tick_)) return;
  loop_.every_second();
  next_tick_ = Clock::now() + kTick;
}

void Run::stop() {
  if (stopped_) return;
  stopped_ = Clock::now();
  const Patience& patience = loop_.patience;
  silent_ = std::min<Clock::duration>(silent_, patience.between_pieces - patience.at_least);
  set_status_of_end_at_once(1);  // until all is written
  stop_events();
  more_ = more_ && loop_.print_rest;
}

void Run::stop_events() {
  if (events_are_on_ && loop_.stop_events) loop_.stop_events();
  events_are_on_ = false;
}

Result<void> Run::take_events(const Happened& happened) {
  if (!more_ || printer_.output().is_full()) return {};
  if (stopped_) return drain_rest();
  if (happened.source || is_past(drain_again_)) return drain();
  return {};
}

Result<void> Run::drain() {
  const auto drained = source_.drain();
  if (!drained) return std::unexpected(drained.error());
  drain_again_.reset();
  source_is_watched_ = drained->state != EventSource::State::kAgain;
  if (!source_is_watched_ || drained->pause.count() > 0) {
    drain_again_ = Clock::now() + drained->pause;
  }
  if (drained->state == EventSource::State::kEnded) {
    more_ = false;
    stop_events();
  }
  return {};
}

Result<void> Run::drain_rest() {
  const auto drained = source_.drain_rest();
  if (!drained) return std::unexpected(drained.error());
  more_ = *drained;
  return {};
}

Result<bool> Run::write_rows() {
  Output& output = printer_.output();
  if (!write_again_ || is_past(write_again_)) {
    write_again_.reset();
    const auto state = output.write();
    if (!state) return std::unexpected(state.error());
    if (*state == Output::State::kReaderGone) return false;
    if (*state == Output::State::kRefused) write_again_ = Clock::now() + kTryAgain;
  }
  look_at_reader();
  return true;
}

/// While the tool itself was stopped (Ctrl-Z, a frozen cgroup) it has not waited.
void Run::look_at_reader() {
  const auto now = Clock::now();
  silent_ += std::min<Clock::duration>(now - looked_, kLook);
  looked_ = now;
  const Output& output = printer_.output();
  const std::int64_t progress = output.progress();
  if (output.is_empty() || progress > progress_) silent_ = {};
  progress_ = progress;
}

bool Run::is_out_of_patience() const {
  if (!stopped_ || printer_.output().is_empty()) return false;
  return silent_ >= loop_.patience.between_pieces;
}

/// What is left in the source is counted, as long as that does not take long.
Result<void> Run::give_up() {
  printer_.drop_from_now_on();
  const auto until = Clock::now() + loop_.patience.counting;
  bool counted_all = true;
  while (more_ && counted_all) {
    const auto drained = source_.drain_rest();
    more_ = drained && *drained;
    counted_all = drained && (!more_ || !is_past(until));
  }
  const std::uint64_t rows = printer_.unwritten_rows();
  if (rows == 0) return fail("nothing read stdout: the header was not written");
  return fail(fmt::format("nothing read stdout any more: {}{} {} were not written",
                          counted_all ? "" : "at least ", rows, printer_.unit()));
}

}  // namespace

Result<void> TraceLoop::run(EventSource& source, RowPrinter& printer,
                            const StopSignals& signals) const {
  return Run(*this, source, printer, signals).to_the_end();
}

Moment deadline_in(std::optional<double> seconds) {
  if (!seconds) return std::nullopt;
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace disksnoop
