#include "tracepoint/block_rq_source.h"

#include <fmt/format.h>

#include <utility>

namespace disksnoop {
namespace {

constexpr std::size_t kBatch = 16384;
/// With a program that is interrupted while it writes.
constexpr std::chrono::milliseconds kPatience(200);
/// After it what was read is in order.
constexpr std::chrono::milliseconds kSettle(EventOrder::kSettleNs / 1'000'000);

/// How long to sleep after a reading. An event of the last 2 ms before one is handed over
/// at the next, so that much is taken off. 0: not at all, as where it would gain nothing.
std::chrono::milliseconds pause_of(std::chrono::milliseconds max_delay, const BpfBuffer& buffer) {
  if (max_delay <= 2 * kSettle || !buffer.can_gather()) return {};
  return max_delay - kSettle;
}

}  // namespace

BlockRqSource::BlockRqSource(Accounts accounts, const ProgramConfig& config,
                             const OperationTable& operations, std::unique_ptr<BpfBuffer> buffer,
                             const Setting& setting, RequestSink sink)
    : TracepointSource(std::move(accounts)),
      buffer_(std::move(buffer)),
      delay_(pause_of(setting.max_delay, *buffer_)),
      enough_bytes_(setting.enough_bytes),
      sink_(std::move(sink)),
      order_(config.record_size()),
      decoder_(config.parts, config.errors, operations),
      path_sink_([this, also = setting.path_sink](std::span<const std::byte> record) {
        decoder_.add_path(record);
        if (also) also(record);
      }) {}

Result<std::unique_ptr<BlockRqSource>> BlockRqSource::open(const BlockRqParts& parts,
                                                           const ProgramConfig& config,
                                                           const OperationTable& operations,
                                                           const Setting& setting,
                                                           RequestSink sink) {
  auto accounts = Accounts::open(parts.accounts, config.entry_size());
  if (!accounts) return std::unexpected(accounts.error());
  auto buffer = BpfBuffer::open(setting.transport, parts.events, setting.pages, parts.gathering);
  if (!buffer) return std::unexpected(buffer.error());
  std::unique_ptr<BlockRqSource> source(new BlockRqSource(
      std::move(*accounts), config, operations, std::move(*buffer), setting, std::move(sink)));
  if (!setting.wants_clock) return source;
  auto clock = FollowedClock::beside(source->buffer_->fd());
  if (!clock) return std::unexpected(clock.error());
  source->clock_ = std::move(*clock);
  return source;
}

Result<void> BlockRqSource::started() {
  kernel_ahead_ns_ = accounts().measure_kernel_clock();
  // Without it rows would be as late again until they are in order.
  if (!kernel_ahead_ns_) delay_ = {};
  return TracepointSource::started();
}

Result<void> BlockRqSource::read() {
  const std::uint64_t now = our_now_ns();
  std::optional<std::uint64_t> kernel_now;
  if (kernel_ahead_ns_) kernel_now = now + static_cast<std::uint64_t>(*kernel_ahead_ns_);
  order_.begin(now, kernel_now);
  if (auto done = buffer_->read(order_, path_sink_, kBatch); !done) return done;
  order_.end(our_now_ns());
  return {};
}

Result<EventSource::Drained> BlockRqSource::drain() {
  if (clock_) clock_->follow();
  const std::size_t gathered = buffer_->look();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(read_again_ - Clock::now());
  if (left.count() > 0 && gathered < enough_bytes_) return Drained{State::kOpen, left};
  if (auto done = read(); !done) return std::unexpected(done.error());
  if (!hand_over(order_.take_settled())) return Drained{State::kEnded};
  if (auto done = accounts().forget_completed_in_time(order_.newest()); !done) {
    return std::unexpected(done.error());
  }
  return next();
}

EventSource::Drained BlockRqSource::next() {
  if (!order_.read_to_the_end()) return {State::kAgain};
  if (order_.empty()) {
    const bool gathered = std::exchange(gathers_, false);
    buffer_->gather(false);
    if (buffer_->look() == 0) {
      if (!gathered) return {State::kOpen};
      // A program may have read the word just before, and its record is not seen yet: then
      // nothing wakes us for that one, nor for what comes after it. So once more.
      return {State::kOpen, kSettle};
    }
  }
  if (delay_.count() == 0) return {State::kAgain, kSettle};
  gathers_ = true;
  buffer_->gather(true);
  read_again_ = Clock::now() + delay_;
  return {State::kOpen, delay_};
}

Result<bool> BlockRqSource::drain_rest() {
  if (auto done = read(); !done) return std::unexpected(done.error());
  if (!hand_over(order_.take_rest())) return false;
  if (!order_.read_to_the_end()) return true;
  // A program may run on after its hook is gone: it writes what those behind it wait for.
  const std::size_t unread = buffer_->look();
  if (unread == 0) return false;
  const auto now = Clock::now();
  if (!rest_until_) rest_until_ = now + kPatience;
  if (now < *rest_until_) return true;
  return fail(fmt::format("{} bytes of events were not read: the kernel still writes the first "
                          "of them",
                          unread));
}

bool BlockRqSource::hand_over(const EventRecords& events) {
  if (clock_ && !events.empty()) clock_->measure();
  for (std::size_t i = 0; i < events.size(); ++i) {
    Request& request = decoder_.decode(events[i]);
    if (clock_ && kernel_ahead_ns_) {
      const std::int64_t completed = *request.completed_ns - *kernel_ahead_ns_;
      request.clock = clock_->at(completed);
    }
    if (!sink_(request)) return false;
  }
  return true;
}

}  // namespace disksnoop
