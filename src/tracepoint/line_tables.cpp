#include "tracepoint/line_tables.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "tracepoint/bpf_map.h"

namespace disksnoop {
namespace {

static_assert(sizeof(line_t) % 8 == 0);

/// Until a line that nothing was counted in is given up; and then until its number is given
/// back: each of the sets was taken out in between.
constexpr unsigned kIdleReadings = 3;

constexpr std::size_t kMostCpus = 16;
constexpr std::size_t kLinesThatFit = (std::size_t{64} << 20) / (LINE_SETS * sizeof(line_t));

template <class Number>
Number take(Number& number) {
  return __atomic_load_n(&number, __ATOMIC_RELAXED) == 0
             ? 0
             : __atomic_exchange_n(&number, 0, __ATOMIC_RELAXED);
}

void take_out_times(std::span<unsigned> buckets, Histogram& times) {
  for (std::size_t i = 0; i < buckets.size(); ++i) times.add_counted(i, take(buckets[i]));
}

Result<void> give_number(int free_numbers, std::uint32_t number) {
  if (bpf_map_update_elem(free_numbers, nullptr, &number, BPF_ANY) == 0) return {};
  return fail(fmt::format("cannot give the program its lines: {}", std::strerror(errno)));
}

}  // namespace

LineRoom room_for_lines(std::size_t cpus) {
  constexpr std::size_t kMost = 1024;
  const std::size_t with_lines = std::min(cpus, kMostCpus);
  return {with_lines, std::min(kMost, kLinesThatFit / with_lines)};
}

LineRoom room_for_lines(std::size_t cpus, std::size_t values) {
  constexpr std::size_t kFewest = 256;
  const std::size_t lines = std::clamp(values + values / 2, kFewest, kLinesThatFit);
  return {std::min({cpus, kMostCpus, kLinesThatFit / lines}), lines};
}

SummaryLine take_out_line(line_t& line) {
  SummaryLine taken;
  taken.requests = take(line.requests);
  taken.bytes = take(line.bytes);
  taken.errors = take(line.errors);
  take_out_times(line.latency, taken.latency);
  taken.latency.add_sum(take(line.latency_ns), take(line.longest_ns));
  take_out_times(line.queue, taken.queue);
  taken.queue.add_sum(take(line.queue_ns), take(line.longest_queue_ns));
  return taken;
}

LineTables::LineTables(const LineMaps& maps, std::size_t cpus, MappedArray keys, MappedArray recent,
                       MappedArray lines, MappedArray readings)
    : maps_(maps),
      cpus_(cpus),
      keys_(std::move(keys)),
      recent_(std::move(recent)),
      lines_(std::move(lines)),
      readings_(std::move(readings)),
      states_(keys_.size()) {}

Result<LineTables> LineTables::open(const LineMaps& maps, std::size_t key_size) {
  constexpr std::size_t kIndex = sizeof(std::uint32_t);
  const auto numbers = check_map(maps.numbers, "numbers", key_size, kIndex);
  if (!numbers) return std::unexpected(numbers.error());
  // An array of keys, as values.
  const std::size_t value_size = key_size;
  const auto keys = check_map(maps.keys, "keys", kIndex, value_size);
  if (!keys) return std::unexpected(keys.error());
  const auto lines = check_map(maps.lines, "lines", kIndex, sizeof(line_t));
  if (!lines) return std::unexpected(lines.error());
  using enum MappedArray::Access;
  auto key_memory = MappedArray::open(maps.keys, "keys", *keys, key_size, kRead);
  if (!key_memory) return std::unexpected(key_memory.error());
  const auto recent = check_map(maps.recent, "recent", kIndex, sizeof(std::uint32_t));
  if (!recent) return std::unexpected(recent.error());
  auto recent_memory =
      MappedArray::open(maps.recent, "recent", *recent, sizeof(std::uint32_t), kWrite);
  if (!recent_memory) return std::unexpected(recent_memory.error());
  auto line_memory = MappedArray::open(maps.lines, "lines", *lines, sizeof(line_t), kWrite);
  if (!line_memory) return std::unexpected(line_memory.error());
  auto readings = MappedArray::open(maps.readings, "readings", 1, sizeof(std::uint64_t), kWrite);
  if (!readings) return std::unexpected(readings.error());
  for (std::uint32_t number = OTHER_LINE + 1; number < *keys; ++number) {
    if (auto given = give_number(maps.free_numbers, number); !given) {
      return std::unexpected(given.error());
    }
  }
  return LineTables(maps, *lines / LINE_SETS / *keys, std::move(*key_memory),
                    std::move(*recent_memory), std::move(*line_memory), std::move(*readings));
}

std::size_t LineTables::switch_sets() {
  const std::size_t before = std::exchange(set_, (set_ + 1) % LINE_SETS);
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(readings_[0]), set_, __ATOMIC_RELEASE);
  return before;
}

void LineTables::take_out(std::size_t set, const Take& take) {
  if (given_up_ != 0) forget_recent();
  for (std::uint32_t number = 0; number < keys_.size(); ++number) {
    const bool has_counted = take_out(set, number, take);
    if (number != OTHER_LINE) age(number, has_counted);
  }
}

bool LineTables::take_out(std::size_t set, std::uint32_t number, const Take& take) {
  bool has_counted = false;
  for (std::size_t cpu = 0; cpu < cpus_; ++cpu) {
    auto& line = *reinterpret_cast<line_t*>(lines_[(set * cpus_ + cpu) * keys_.size() + number]);
    if (__atomic_load_n(&line.requests, __ATOMIC_ACQUIRE) == 0) continue;
    take(number, keys_[number], take_out_line(line));
    has_counted = true;
  }
  return has_counted;
}

void LineTables::age(std::uint32_t number, bool has_counted) {
  State& state = states_[number];
  if (state.use == Use::kFree && has_counted && is_in_use(number)) {
    state = {Use::kUsed};
    ++used_;
  }
  state.idle_readings = has_counted ? 0 : state.idle_readings + 1;
  if (state.idle_readings < kIdleReadings) return;
  if (state.use == Use::kUsed && used_ > room() / 4 * 3) {
    if (bpf_map_delete_elem(maps_.numbers, keys_[number]) != 0) return;
    state = {Use::kGivenUp};
    ++given_up_;
  } else if (state.use == Use::kGivenUp && give_number(maps_.free_numbers, number)) {
    state = {Use::kFree};
    --used_;
    --given_up_;
  }
}

/// Not so where a program that was held up for long counts in a line that was given back.
bool LineTables::is_in_use(std::uint32_t number) const {
  std::uint32_t found = OTHER_LINE;
  return bpf_map_lookup_elem(maps_.numbers, keys_[number], &found) == 0 && found == number;
}

/// The programs find in the hash what is there.
void LineTables::forget_recent() {
  for (std::size_t place = 0; place < recent_.size(); ++place) {
    auto& number = *reinterpret_cast<std::uint32_t*>(recent_[place]);
    __atomic_store_n(&number, OTHER_LINE, __ATOMIC_RELAXED);
  }
}

}  // namespace disksnoop
