#include "tracepoint/summary_source.h"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace disksnoop {
namespace {

Result<UniqueFd> start_timer(std::chrono::nanoseconds every) {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(every);
  const timespec period = {seconds.count(), (every - seconds).count()};
  const itimerspec setting = {period, period};
  if (!timer || ::timerfd_settime(timer.get(), 0, &setting, nullptr) != 0) {
    return fail(fmt::format("cannot set a timer: {}", std::strerror(errno)));
  }
  return timer;
}

}  // namespace

Result<std::unique_ptr<SummarySource>> SummarySource::open(
    const SummaryParts& parts, const ProgramConfig& config, const Columns& keys,
    const OperationTable& operations, const Setting& setting, SummarySink sink) {
  auto accounts = Accounts::open(parts.accounts, config.entry_size());
  if (!accounts) return std::unexpected(accounts.error());
  std::unique_ptr<BpfBuffer> names;
  if (parts.events >= 0) {
    auto buffer = BpfBuffer::open(setting.transport, parts.events, setting.pages);
    if (!buffer) return std::unexpected(buffer.error());
    names = std::move(*buffer);
  }
  auto lines = LineReader::open(parts.lines, config, keys, operations, std::move(names));
  if (!lines) return std::unexpected(lines.error());
  return std::unique_ptr<SummarySource>(
      new SummarySource(std::move(*accounts), std::move(*lines), setting, std::move(sink)));
}

Result<void> SummarySource::started() {
  kernel_ahead_ns_ = accounts().measure_kernel_clock();
  auto timer = start_timer(reading_every_);
  if (!timer) return std::unexpected(timer.error());
  timer_ = std::move(*timer);
  lines_.begin();
  return TracepointSource::started();
}

Result<std::uint64_t> SummarySource::readings_due() const {
  std::uint64_t times = 0;
  if (::read(timer_.get(), &times, sizeof(times)) == sizeof(times)) return times;
  if (errno == EAGAIN || errno == EINTR) return 0;
  return fail(fmt::format("cannot read the timer: {}", std::strerror(errno)));
}

Result<EventSource::Drained> SummarySource::drain() {
  if (!switched_) {
    const auto due = readings_due();
    if (!due) return std::unexpected(due.error());
    if (*due == 0) return Drained{State::kOpen};
    due_ = *due;
    switched_ = Clock::now();
    switched_set_ = lines_.switch_sets();
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*switched_ + LineReader::kSettle - Clock::now());
  if (left.count() > 0) return Drained{State::kAgain, left};
  const auto end = *std::exchange(switched_, std::nullopt);
  const auto more = hand_over(lines_.take({&switched_set_, 1}, end));
  if (!more) return std::unexpected(more.error());
  if (!*more) return Drained{State::kEnded};
  const std::uint64_t kernel_now =
      kernel_ahead_ns_ ? our_now_ns() + static_cast<std::uint64_t>(*kernel_ahead_ns_) : 0;
  if (auto done = accounts().forget_completed_in_time(kernel_now); !done) {
    return std::unexpected(done.error());
  }
  return Drained{State::kOpen};
}

Result<bool> SummarySource::drain_rest() {
  const auto end = Clock::now();
  std::this_thread::sleep_for(LineReader::kSettle);
  // With the one that was just to be taken out: what came since then is no interval of its own.
  switched_.reset();
  if (const auto more = hand_over(lines_.take_all(end)); !more) return more;
  sink_.end();
  return false;
}

Result<bool> SummarySource::hand_over(const Result<SummaryReport>& report) {
  if (!report) return std::unexpected(report.error());
  return sink_.take(*report, std::exchange(due_, 1));
}

}  // namespace disksnoop
