#include "kernel/block_rq_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <limits>

namespace disksnoop {
namespace {

constexpr std::size_t kBatch = 16384;
constexpr std::uint64_t kSettleNs = 2'000'000;

// struct start_t and enum count_t of bpf_text/block_rq.c.
struct StartValue {
  std::uint64_t ts_ns;
  std::uint32_t data_len;
  std::uint32_t cmd_flags;
  std::uint32_t done;
  std::uint32_t unused;
};
enum CountIndex : std::uint32_t { kLostInBuffer, kLostInMap, kNotIssued, kNotCompleted };

/// The clock of bpf_ktime_get_ns().
std::uint64_t now_ns() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// Negative if the event came in later than a row that completed after it.
double seconds_between(std::uint64_t first_ns, std::uint64_t ns) {
  return static_cast<double>(static_cast<std::int64_t>(ns - first_ns)) / 1e9;
}

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

/// The sum over all CPUs.
Result<std::uint64_t> read_count(int map_fd, std::uint32_t index) {
  std::vector<std::uint64_t> values(
      static_cast<std::size_t>(std::max(libbpf_num_possible_cpus(), 1)));
  if (bpf_map_lookup_elem(map_fd, &index, values.data()) != 0) {
    return fail(fmt::format("cannot read the program's counts: {}", std::strerror(errno)));
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values) sum += value;
  return sum;
}

}  // namespace

Result<std::unique_ptr<BlockRqSource>> BlockRqSource::open(const BlockRqMaps& maps,
                                                           Transport transport,
                                                           std::uint64_t pages) {
  auto buffer = BpfBuffer::open(transport, maps.events, pages);
  if (!buffer) return std::unexpected(buffer.error());
  return std::unique_ptr<BlockRqSource>(new BlockRqSource(maps, std::move(*buffer)));
}

Result<EventSource::Drained> BlockRqSource::drain(const EventSink& sink) {
  // What is younger waits for the next time, with what may still come in from
  // before it: a CPU that was interrupted between the two is rarely late by more.
  const std::uint64_t until_ns = now_ns() - kSettleNs;
  if (auto read = buffer_->read(order_, kBatch); !read) return std::unexpected(read.error());
  if (!hand_over(until_ns, sink)) return Drained{State::kEnded};
  if (order_.empty()) return Drained{State::kOpen};
  return Drained{State::kAgain, std::chrono::milliseconds(2)};
}

Result<bool> BlockRqSource::drain_rest(const EventSink& sink) {
  if (auto read = buffer_->read(order_, kBatch); !read) return std::unexpected(read.error());
  const bool more = order_.size() >= kBatch;
  return hand_over(std::numeric_limits<std::uint64_t>::max(), sink) && more;
}

bool BlockRqSource::hand_over(std::uint64_t until_ns, const EventSink& sink) {
  for (const RequestEvent& event : order_.take(until_ns)) {
    if (first_ns_ == 0) first_ns_ = event.completed_ns;
    const fmt::format_int bytes(event.bytes);
    const IoEvent row{.time_s = seconds(event.completed_ns),
                      .elapsed_s = seconds_between(first_ns_, event.completed_ns),
                      .bytes = {bytes.data(), bytes.size()},
                      .write = (event.cmd_flags & 1) != 0,
                      .latency_ms = static_cast<double>(event.latency_ns) / 1e6};
    if (!sink(row)) return false;
  }
  return true;
}

Result<BlockRqCounts> BlockRqSource::counts() const {
  const auto lost_in_buffer = read_count(maps_.counts, kLostInBuffer);
  const auto lost_in_map = read_count(maps_.counts, kLostInMap);
  const auto not_issued = read_count(maps_.counts, kNotIssued);
  const auto not_completed = read_count(maps_.counts, kNotCompleted);
  for (const auto* count : {&lost_in_buffer, &lost_in_map, &not_issued, &not_completed}) {
    if (!*count) return std::unexpected(count->error());
  }
  return BlockRqCounts{*lost_in_buffer, *lost_in_map, *not_issued, *not_completed};
}

std::vector<InFlight> BlockRqSource::in_flight() const {
  std::vector<InFlight> requests;
  std::uint64_t key = 0;
  std::uint64_t next = 0;
  const std::uint64_t now = now_ns();
  for (bool first = true; bpf_map_get_next_key(maps_.start, first ? nullptr : &key, &next) == 0;
       first = false) {
    key = next;
    StartValue value = {};
    if (bpf_map_lookup_elem(maps_.start, &key, &value) != 0) continue;
    requests.push_back({now - std::min(now, value.ts_ns), value.data_len, value.cmd_flags});
  }
  std::sort(requests.begin(), requests.end(),
            [](const InFlight& a, const InFlight& b) { return a.age_ns > b.age_ns; });
  return requests;
}

}  // namespace disksnoop
