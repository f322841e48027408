#include "app/trace_loop.h"

#include <algorithm>

namespace disksnoop {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kIdlePause(50);

/// Turns events into rows, and counts them.
class RowPrinter {
 public:
  RowPrinter(Output& output, Format format, std::optional<std::uint64_t> rows)
      : output_(output), format_(format), left_(rows) {}

  bool take(const IoEvent& event) {
    append_row(output_.buffer(), event, format_);
    if (left_) --*left_;
    return !(left_ && *left_ == 0);
  }

 private:
  Output& output_;
  Format format_;
  std::optional<std::uint64_t> left_;
};

}  // namespace

Result<void> print_rows(EventSource& source, const StopSignals& signals, Output& output,
                        Format format, TraceLimits limits) {
  RowPrinter printer(output, format, limits.rows);
  const EventSink sink = [&printer](const IoEvent& event) { return printer.take(event); };
  while (true) {
    const auto wake = signals.wait(source.fd(), limits.deadline);
    if (!wake) return std::unexpected(wake.error());
    if (*wake != StopSignals::Wake::kReadable) return {};

    const auto state = source.drain(sink);
    if (!state) return std::unexpected(state.error());
    const auto reader_is_there = output.flush();
    if (!reader_is_there) return std::unexpected(reader_is_there.error());
    if (!*reader_is_there || *state == EventSource::State::kEnded) return {};
    if (*state == EventSource::State::kIdle) {
      const auto pause_end = Clock::now() + kIdlePause;
      const auto pause = signals.wait(-1, std::min(pause_end, limits.deadline.value_or(pause_end)));
      if (!pause) return std::unexpected(pause.error());
      if (*pause == StopSignals::Wake::kStop) return {};
    }
  }
}

}  // namespace disksnoop
