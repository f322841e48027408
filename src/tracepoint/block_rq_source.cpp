#include "tracepoint/block_rq_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "system/kernel_clock.h"
#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

constexpr std::size_t kBatch = 16384;
constexpr std::uint64_t kSecondNs = 1'000'000'000;
/// With a program that is interrupted while it writes.
constexpr std::chrono::milliseconds kPatience(200);
/// After it what was read is in order.
constexpr std::chrono::milliseconds kSettle(EventOrder::kSettleNs / 1'000'000);

std::uint64_t our_now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

/// What a function of the program returns for this argument; none if the kernel
/// does not run it for us.
std::optional<std::uint32_t> run(int function, std::uint64_t argument) {
  const std::array<std::uint64_t, 1> arguments = {argument};
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.ctx_in = arguments.data();
  options.ctx_size_in = sizeof(arguments);
  if (bpf_prog_test_run_opts(function, &options) != 0) return std::nullopt;
  return options.retval;
}

/// How long to sleep after a reading. An event of the last 2 ms before one is handed over
/// at the next, so that much is taken off. 0: not at all, as where it would gain nothing.
std::chrono::milliseconds pause_of(std::chrono::milliseconds max_delay, const BpfBuffer& buffer) {
  if (max_delay <= 2 * kSettle || !buffer.can_gather()) return {};
  return max_delay - kSettle;
}

}  // namespace

BlockRqSource::BlockRqSource(const BlockRqParts& parts, const ProgramConfig& config,
                             const OperationTable& operations, const Entries& entries,
                             std::unique_ptr<BpfBuffer> buffer, const Setting& setting,
                             RequestSink sink)
    : parts_(parts),
      entries_(entries),
      buffer_(std::move(buffer)),
      delay_(pause_of(setting.max_delay, *buffer_)),
      enough_bytes_(setting.enough_bytes),
      sink_(std::move(sink)),
      order_(config.record_size()),
      decoder_(config.parts, config.errors, operations),
      path_sink_([this](std::span<const std::byte> record) { decoder_.add_path(record); }) {}

Result<std::unique_ptr<BlockRqSource>> BlockRqSource::open(const BlockRqParts& parts,
                                                           const ProgramConfig& config,
                                                           const OperationTable& operations,
                                                           const Setting& setting,
                                                           RequestSink sink) {
  auto entries = Entries::open(parts.start, parts.buckets, config.entry_size());
  if (!entries) return std::unexpected(entries.error());
  const auto counts =
      check_map(parts.counts, "counts", sizeof(std::uint32_t), sizeof(std::uint64_t));
  if (!counts) return std::unexpected(counts.error());
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) {
    return fail(fmt::format("cannot tell how many CPUs there can be: {}", std::strerror(-cpus)));
  }
  auto buffer = BpfBuffer::open(setting.transport, parts.events, setting.pages, parts.gathering);
  if (!buffer) return std::unexpected(buffer.error());
  std::unique_ptr<BlockRqSource> source(new BlockRqSource(
      parts, config, operations, *entries, std::move(*buffer), setting, std::move(sink)));
  source->cpus_ = static_cast<std::size_t>(cpus);
  if (setting.wants_clock) source->clock_.emplace();
  return source;
}

Result<void> BlockRqSource::started() {
  static_cast<void>(run(parts_.begin, 0));  // without it the program says less
  kernel_ahead_ns_ = measure_kernel_clock();
  // Without it rows would be as late again until they are in order.
  if (!kernel_ahead_ns_) delay_ = {};
  const auto before = losses();
  if (!before) return std::unexpected(before.error());
  before_ = *before;
  return {};
}

std::optional<std::int64_t> BlockRqSource::measure_kernel_clock() const {
  if (kernel_now_ns()) return 0;
  constexpr int kTries = 5;
  std::optional<std::int64_t> ahead;
  std::uint64_t shortest = kSecondNs;
  for (int i = 0; i < kTries; ++i) {
    const std::uint32_t zero = 0;
    std::uint64_t theirs = 0;
    const std::uint64_t before = our_now_ns();
    const auto done = run(parts_.begin, 0);
    const std::uint64_t took = our_now_ns() - before;
    if (!done || bpf_map_lookup_elem(parts_.since, &zero, &theirs) != 0) continue;
    if (took >= shortest) continue;
    shortest = took;
    ahead = static_cast<std::int64_t>(theirs - (before + took / 2));
  }
  return ahead;
}

Result<void> BlockRqSource::stopping() {
  const auto now = losses();
  if (!now) return std::unexpected(now.error());
  at_stop_ = *now;
  return {};
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
  const std::size_t gathered = buffer_->look();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(read_again_ - Clock::now());
  if (left.count() > 0 && gathered < enough_bytes_) return Drained{State::kOpen, left};
  if (auto done = read(); !done) return std::unexpected(done.error());
  if (!hand_over(order_.take_settled())) return Drained{State::kEnded};
  const auto now = Clock::now();
  if (now - last_forgetting_ >= std::chrono::minutes(1)) {
    last_forgetting_ = now;
    if (auto done = forget_completed(); !done) return std::unexpected(done.error());
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
      request.clock = clock_->at(*request.completed_ns - *kernel_ahead_ns_);
    }
    if (!sink_(request)) return false;
  }
  return true;
}

Result<std::uint64_t> BlockRqSource::count(count_t index) const {
  std::vector<std::uint64_t> values(cpus_);
  const std::uint32_t key = index;
  if (bpf_map_lookup_elem(parts_.counts, &key, values.data()) != 0) {
    return fail(fmt::format("cannot read the program's counts: {}", std::strerror(errno)));
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values) sum += value;
  return sum;
}

Result<Losses> BlockRqSource::losses() const {
  std::array<std::uint64_t, COUNTS> counts = {};
  for (std::uint32_t i = 0; i < COUNTS; ++i) {
    const auto value = count(static_cast<count_t>(i));
    if (!value) return std::unexpected(value.error());
    counts.at(i) = *value;
  }
  Losses losses{.in_buffer = counts[LOST_IN_BUFFER],
                .in_map = counts[LOST_IN_MAP],
                .before_start = counts[NOT_ISSUED] - before_.before_start,
                .issue_unknown = counts[ISSUE_UNKNOWN] - before_.issue_unknown,
                .issue_not_shown = counts[ISSUE_NOT_SHOWN],
                .failed_unissued = counts[FAILED_UNISSUED],
                .completion_not_shown = counts[NOT_COMPLETED] + forgotten_,
                .names = counts[LOST_NAMES],
                .without_slot = counts[WITHOUT_SLOT],
                .submitters = counts[LOST_SUBMITTERS],
                .filtered = counts[FILTERED]};
  if (at_stop_) return losses_after_stop(*at_stop_, losses);
  return losses;
}

Result<std::vector<InFlight>> BlockRqSource::in_flight() {
  const auto all = entries_.all();
  if (!all) return std::unexpected(all.error());
  std::vector<InFlight> requests;
  const auto now = kernel_now_ns();
  for (const auto& [key, entry] : *all) {
    const auto answer = run(parts_.ask, key);
    if (answer == 0U) continue;
    InFlight request{.bytes = entry.data_len, .cmd_flags = entry.cmd_flags};
    if (answer) {
      request.confirmed = true;
      request.age_ns = std::uint64_t{*answer - 1} * 1'000'000;
    } else if (now) {
      request.age_ns = *now - std::min<std::uint64_t>(*now, entry.ts);
    }
    requests.push_back(request);
  }
  std::sort(requests.begin(), requests.end(),
            [](const InFlight& a, const InFlight& b) { return a.age_ns > b.age_ns; });
  return requests;
}

Result<void> BlockRqSource::forget_completed() {
  const auto all = entries_.all();
  if (!all) return std::unexpected(all.error());
  for (const auto& [key, entry] : *all) {
    if (entry.ts == 0) continue;  // it is being written
    const std::uint64_t age = order_.newest() - std::min<std::uint64_t>(order_.newest(), entry.ts);
    if (age <= 10 * kSecondNs || run(parts_.ask, key)) continue;
    if (all->size() < entries_.room() / 2 || age < 600 * kSecondNs) continue;
    if (entries_.remove_hashed(key)) ++forgotten_;
  }
  return {};
}

}  // namespace disksnoop
