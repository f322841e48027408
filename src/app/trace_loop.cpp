#include "app/trace_loop.h"

#include <algorithm>

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
using Moment = std::optional<Clock::time_point>;

Moment earlier(Moment a, Moment b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

Result<void> TraceLoop::run(EventSource& source, RowPrinter& printer,
                            const StopSignals& signals) const {
  const auto reader_is_there = printer.print_header();
  if (!reader_is_there) return std::unexpected(reader_is_there.error());
  if (!*reader_is_there) return {};
  const EventSink sink = [&printer](const IoEvent& event) { return printer.add(event); };
  const auto end = print_rows(source, sink, printer, signals);
  if (stop_events) stop_events();
  if (!end) return std::unexpected(end.error());
  if (*end == End::kDone || !print_rest) return {};

  for (bool more = true; more;) {
    const auto drained = source.drain_rest(sink);
    if (!drained) return std::unexpected(drained.error());
    const auto reader_remains = printer.flush();
    if (!reader_remains) return std::unexpected(reader_remains.error());
    more = *drained && *reader_remains;
  }
  return {};
}

Result<TraceLoop::End> TraceLoop::print_rows(EventSource& source, const EventSink& sink,
                                             RowPrinter& printer,
                                             const StopSignals& signals) const {
  Moment next_tick;
  if (every_second) next_tick = Clock::now() + std::chrono::seconds(1);
  Moment again;  // drain then, whether fd() is readable or not
  while (true) {
    const auto wake =
        signals.wait(again ? -1 : source.fd(), earlier(again, earlier(deadline, next_tick)));
    if (!wake) return std::unexpected(wake.error());
    if (*wake == StopSignals::Wake::kStop) return End::kStopped;
    const auto now = Clock::now();
    if (deadline && now >= *deadline) return End::kStopped;
    if (next_tick && now >= *next_tick) {
      every_second();
      next_tick = now + std::chrono::seconds(1);
    }
    if (*wake == StopSignals::Wake::kTimeout && !(again && now >= *again)) continue;

    const auto drained = source.drain(sink);
    if (!drained) return std::unexpected(drained.error());
    const auto reader_is_there = printer.flush();
    if (!reader_is_there) return std::unexpected(reader_is_there.error());
    if (!*reader_is_there) return End::kDone;
    if (drained->state == EventSource::State::kEnded) return End::kDone;
    again.reset();
    if (drained->state == EventSource::State::kAgain) again = Clock::now() + drained->pause;
  }
}

Moment deadline_in(std::optional<double> seconds) {
  if (!seconds) return std::nullopt;
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace disksnoop
