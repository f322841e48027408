#include "tracepoint/block_rq_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "system/kernel_clock.h"

namespace disksnoop {
namespace {

constexpr std::size_t kBatch = 16384;
constexpr std::uint64_t kSecondNs = 1'000'000'000;

std::uint64_t our_now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

/// Negative if the event came in later than a row that completed after it.
double seconds_between(std::uint64_t first_ns, std::uint64_t ns) {
  return static_cast<double>(static_cast<std::int64_t>(ns - first_ns)) / 1e9;
}

/// That its entries have the size of ours; how many there can be.
Result<std::size_t> check_map(int fd, std::string_view name, std::size_t key, std::size_t value) {
  bpf_map_info info = {};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) {
    return fail(fmt::format("cannot look at the map {}: {}", name, std::strerror(errno)));
  }
  if (info.key_size != key || info.value_size != value) {
    return fail(fmt::format("the map {} has keys of {} and values of {} bytes, not of {} and {}",
                            name, info.key_size, info.value_size, key, value));
  }
  return std::size_t{info.max_entries};
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

}  // namespace

Result<std::unique_ptr<BlockRqSource>> BlockRqSource::open(const BlockRqParts& parts,
                                                           Transport transport,
                                                           std::uint64_t pages) {
  const auto entries = check_map(parts.start, "start", sizeof(std::uint64_t), sizeof(start_t));
  if (!entries) return std::unexpected(entries.error());
  const auto counts =
      check_map(parts.counts, "counts", sizeof(std::uint32_t), sizeof(std::uint64_t));
  if (!counts) return std::unexpected(counts.error());
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) {
    return fail(fmt::format("cannot tell how many CPUs there can be: {}", std::strerror(-cpus)));
  }
  auto buffer = BpfBuffer::open(transport, parts.events, pages);
  if (!buffer) return std::unexpected(buffer.error());
  return std::unique_ptr<BlockRqSource>(
      new BlockRqSource(parts, std::move(*buffer), static_cast<std::size_t>(cpus), *entries));
}

Result<void> BlockRqSource::started() {
  static_cast<void>(run(parts_.begin, 0));  // without it the program says less
  const auto before = losses();
  if (!before) return std::unexpected(before.error());
  before_ = *before;
  return {};
}

Result<void> BlockRqSource::stopping() {
  const auto now = losses();
  if (!now) return std::unexpected(now.error());
  at_stop_ = *now;
  return {};
}

Result<void> BlockRqSource::read() {
  order_.begin(our_now_ns());
  if (auto done = buffer_->read(order_, kBatch); !done) return done;
  order_.end(our_now_ns());
  return {};
}

Result<EventSource::Drained> BlockRqSource::drain(const EventSink& sink) {
  if (auto done = read(); !done) return std::unexpected(done.error());
  if (!hand_over(order_.take_settled(), sink)) return Drained{State::kEnded};
  const auto now = std::chrono::steady_clock::now();
  if (now - last_forgetting_ >= std::chrono::minutes(1)) {
    last_forgetting_ = now;
    if (auto done = forget_completed(); !done) return std::unexpected(done.error());
  }
  if (!order_.read_to_the_end()) return Drained{State::kAgain};
  if (order_.empty()) return Drained{State::kOpen};
  return Drained{State::kAgain, std::chrono::milliseconds(2)};
}

Result<bool> BlockRqSource::drain_rest(const EventSink& sink) {
  if (auto done = read(); !done) return std::unexpected(done.error());
  return hand_over(order_.take_rest(), sink) && !order_.read_to_the_end();
}

bool BlockRqSource::hand_over(const std::vector<event_t>& events, const EventSink& sink) {
  for (const event_t& event : events) {
    if (first_ns_ == 0) first_ns_ = event.ts;
    const fmt::format_int bytes(event.data_len);
    const IoEvent row{.time_s = seconds(event.ts),
                      .elapsed_s = seconds_between(first_ns_, event.ts),
                      .bytes = {bytes.data(), bytes.size()},
                      .write = (event.cmd_flags & 1) != 0,
                      .latency_ms = static_cast<double>(event.delta) / 1e6};
    if (!sink(row)) return false;
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
                .completion_not_shown = counts[NOT_COMPLETED] + forgotten_};
  if (at_stop_) return losses_after_stop(*at_stop_, losses);
  return losses;
}

Result<std::map<std::uint64_t, start_t>> BlockRqSource::entries() const {
  std::map<std::uint64_t, start_t> entries;
  std::uint64_t key = 0;
  std::uint64_t next = 0;
  // After a key that has gone meanwhile the kernel begins again: there is a limit,
  // and an entry may come twice.
  for (std::size_t i = 0; i < 2 * most_entries_; ++i) {
    if (bpf_map_get_next_key(parts_.start, i == 0 ? nullptr : &key, &next) != 0) {
      if (errno == ENOENT) return entries;
      return fail(fmt::format("cannot read the hash of requests: {}", std::strerror(errno)));
    }
    key = next;
    start_t entry = {};
    if (bpf_map_lookup_elem(parts_.start, &key, &entry) == 0) entries.insert_or_assign(key, entry);
  }
  return entries;
}

Result<std::vector<InFlight>> BlockRqSource::in_flight() {
  const auto all = entries();
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
  const auto all = entries();
  if (!all) return std::unexpected(all.error());
  for (const auto& [key, entry] : *all) {
    const std::uint64_t age = order_.newest() - std::min<std::uint64_t>(order_.newest(), entry.ts);
    if (age <= 10 * kSecondNs || run(parts_.ask, key)) continue;
    if (all->size() < most_entries_ / 2 || age < 600 * kSecondNs) continue;
    if (bpf_map_delete_elem(parts_.start, &key) == 0) ++forgotten_;
  }
  return {};
}

}  // namespace disksnoop
