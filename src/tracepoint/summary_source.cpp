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

constexpr std::size_t kBatch = 16384;
/// Until programs that ran when the sets were switched have ended. One that takes longer
/// counts all the same: in what is taken out of its set the next time.
constexpr std::chrono::milliseconds kSettle(20);

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
  const auto accounts = Accounts::open(parts.accounts, config.entry_size());
  if (!accounts) return std::unexpected(accounts.error());
  auto tables = LineTables::open(parts.lines, config.key_size());
  if (!tables) return std::unexpected(tables.error());
  std::unique_ptr<BpfBuffer> names;
  if (parts.events >= 0) {
    auto buffer = BpfBuffer::open(setting.transport, parts.events, setting.pages);
    if (!buffer) return std::unexpected(buffer.error());
    names = std::move(*buffer);
  }
  return std::unique_ptr<SummarySource>(
      new SummarySource(*accounts, std::move(*tables), KeyDecoder(config.parts, keys, operations),
                        std::move(names), setting, std::move(sink)));
}

Result<void> SummarySource::started() {
  kernel_ahead_ns_ = accounts().measure_kernel_clock();
  auto timer = start_timer(reading_every_);
  if (!timer) return std::unexpected(timer.error());
  timer_ = std::move(*timer);
  begin_ = Clock::now();
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
    switched_set_ = tables_.switch_sets();
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*switched_ + kSettle - Clock::now());
  if (left.count() > 0) return Drained{State::kAgain, left};
  const auto end = *std::exchange(switched_, std::nullopt);
  const auto more = hand_over({switched_set_}, end);
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
  std::this_thread::sleep_for(kSettle);
  // With the one that was just to be taken out: what came since then is no interval of its own.
  switched_.reset();
  if (const auto more = hand_over({0, 1}, end); !more) return more;
  sink_.end();
  return false;
}

Result<void> SummarySource::read_names() {
  if (!names_) return {};
  const BpfBuffer::PathSink add = [this](std::span<const std::byte> record) {
    decoder_.add_path(record);
  };
  EventOrder events;  // none come
  events.begin(our_now_ns());
  do {
    events.begin(our_now_ns());
    if (auto done = names_->read(events, add, kBatch); !done) return done;
    events.end(our_now_ns());
  } while (!events.read_to_the_end());
  return {};
}

Result<bool> SummarySource::hand_over(const std::vector<std::size_t>& sets, Clock::time_point end) {
  if (auto done = read_names(); !done) return std::unexpected(done.error());
  SummaryReport report;
  const auto end_ns = end.time_since_epoch() / std::chrono::nanoseconds(1);
  report.span_ns = static_cast<std::uint64_t>((end - begin_) / std::chrono::nanoseconds(1));
  clock_.measure();
  report.clock = clock_.at(end_ns);
  report.time_ns = end_ns;
  begin_ = end;
  for (const std::size_t set : sets) {
    tables_.take_out(set, [&](std::uint32_t number, const std::byte* key, const SummaryLine& line) {
      if (number == OTHER_LINE) {
        report.summary.add_other(line);
      } else {
        report.summary.add(decoder_.decode(number, {key, tables_.key_size()}), line);
      }
    });
  }
  return sink_.take(report, std::exchange(due_, 1));
}

}  // namespace disksnoop
