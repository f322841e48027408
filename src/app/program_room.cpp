#include "app/program_room.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/engine.h"
#include "system/descriptors.h"
#include "system/disk.h"
#include "tracepoint/bpf_map.h"
#include "tracepoint/buffer_size.h"
#include "tracepoint/line_tables.h"

namespace disksnoop {
namespace {

// Of these no tags say how many there can be; more than fit go into the hash.
constexpr std::uint64_t kBiosInFlight = 4096;

std::uint64_t page_size() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t cpus() {
  return static_cast<std::uint64_t>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
}

InFlightRoom choose_in_flight(const ProgramConfig& config) {
  InFlightRoom room = {
      .possible = most_in_flight(Root()), .requests = 0, .slot_claim = slot_claim()};
  const std::uint64_t most = room.possible + (config.bios ? kBiosInFlight : 0);
  room.requests = requests_with_room(most);
  // An address is another bio's each time, and would not come back to a slot that is kept for it.
  if (config.bios && room.slot_claim == SlotClaim::kKeep) room.slot_claim = SlotClaim::kNone;
  if (room.slot_claim != SlotClaim::kNone) {
    room.bucket_bits = bucket_bits(most, config.entry_size());
  }
  return room;
}

Result<BufferRoom> choose_buffer(const Options& options, std::uint64_t requests_in_flight) {
  const Transport transport = find_transport();
  const std::uint64_t bytes =
      options.buffer_bytes.value_or(default_buffer_bytes(requests_in_flight));
  if (transport == Transport::kRingBuffer) {
    const std::uint64_t pages = buffer_pages(bytes, page_size());
    return BufferRoom{transport, pages, options.max_delay.count() > 0, pages * page_size() / 4};
  }
  if (const auto enough = require_descriptors(kTracingDescriptors + cpus()); !enough) {
    return std::unexpected(enough.error());
  }
  const std::uint64_t least = options.buffer_bytes ? 0 : kLeastBufferBytesEach;
  return BufferRoom{transport, buffer_pages(std::max(bytes / cpus(), least), page_size())};
}

/// How many lines there can be of what a machine has a number of; none where the keys stand for
/// something else too.
std::optional<std::size_t> values_of(const Columns& keys, bool bios) {
  constexpr std::size_t kOperations = 4;  // that are usual: read, write, flush, discard
  const Devices devices = count_devices(Root());
  const std::size_t disks = devices.disks + (bios ? devices.without_requests : 0);
  std::size_t values = 1;
  std::size_t of_disks = 1;
  for (const Column* key : keys) {
    if (key->name == "disk") {
      of_disks = std::max(of_disks, disks);
    } else if (key->name == "partition") {
      of_disks = disks + devices.partitions;
    } else if (key->name == "op") {
      values *= kOperations;
    } else {
      return std::nullopt;
    }
  }
  return values * of_disks;
}

/// Whether a hook may run a function for tracepoints with a queue before the request.
bool may_have_queue(const Hook& hook) {
  return hook.function.ends_with("_q") || hook.other_function.ends_with("_q");
}

}  // namespace

Result<ProgramRoom> choose_room(const Options& options, const ProgramConfig& config) {
  const InFlightRoom in_flight = choose_in_flight(config);
  const auto buffer = choose_buffer(options, in_flight.requests);
  if (!buffer) return std::unexpected(buffer.error());
  ProgramRoom room = {.buffer = *buffer, .in_flight = in_flight};
  const Columns keys = query_of(options).summary_keys;
  if (!options.rows) room.buffer.gathers = false;
  if (keys.empty()) return room;
  if (!has_mapped_arrays()) {
    return fail(
        "this kernel cannot count for a summary or metrics (that takes Linux 5.5); print rows");
  }
  const auto all_cpus = possible_cpus();
  if (!all_cpus) return std::unexpected(all_cpus.error());
  const auto values = values_of(keys, config.bios);
  room.lines = values ? room_for_lines(*all_cpus, *values) : room_for_lines(*all_cpus);
  return room;
}

std::vector<std::string> describe(const ProgramRoom& room) {
  const InFlightRoom& in_flight = room.in_flight;
  std::string text = fmt::format("room for {} requests in flight", in_flight.requests);
  if (in_flight.slot_claim != SlotClaim::kNone) {
    text += fmt::format(", {} slots", SLOTS_EACH << in_flight.bucket_bits);
  }
  text += fmt::format("; the disks can have {}", in_flight.possible);
  if (!room.lines) return {text};
  return {text, fmt::format("room for {} lines, of {} CPUs", room.lines->lines, room.lines->cpus)};
}

std::optional<std::string> describe_shortage(const InFlightRoom& room) {
  if (room.possible <= room.requests) return std::nullopt;
  return fmt::format(
      "the disks can have {} requests in flight, and there is room for {}: what is more at one "
      "time is lost in the map",
      room.possible, room.requests);
}

std::vector<std::string> clang_flags(const ProbePlan& plan, const ProgramRoom& room) {
  std::vector<std::string> flags = {fmt::format("-DSTART_ENTRIES={}", room.in_flight.requests)};
  if (std::ranges::none_of(plan.hooks, may_have_queue)) flags.emplace_back("-DONLY_RQ");
  // libbcc optimises what clang gives it: that clang does so first, and describes each
  // type for a debugger, takes as long as all the rest of the start. What types could tell it
  // of aliases helps nothing here.
  flags.insert(flags.end(), {"-Xclang", "-disable-llvm-passes", "-g0", "-fno-strict-aliasing"});
  if (room.in_flight.slot_claim != SlotClaim::kNone) {
    flags.push_back(fmt::format("-DBUCKET_BITS={}", room.in_flight.bucket_bits));
  }
  if (room.in_flight.slot_claim == SlotClaim::kExchange)
    flags.emplace_back("-DCOMPARE_AND_EXCHANGE");
  // All CPUs together may write half of the buffer until one wakes the reader.
  if (room.buffer.gathers) {
    flags.push_back(fmt::format("-DENOUGH_EACH={}", 2 * room.buffer.enough / cpus()));
  }
  if (room.lines) {
    flags.push_back(fmt::format("-DCPUS={}", room.lines->cpus));
    flags.push_back(fmt::format("-DLINES={}", room.lines->lines));
  }
  flags.push_back(room.buffer.transport == Transport::kRingBuffer
                      ? fmt::format("-DRING_PAGES={}", room.buffer.pages)
                      : "-DPERF_BUFFER");
  return flags;
}

}  // namespace disksnoop
