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

// Requests in flight at one time; a machine with eight NVMe disks of eight
// queues of 1023 requests each has not quite twice as many.
constexpr int kStartEntries = 32768;

std::uint64_t page_size() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t cpus() {
  return static_cast<std::uint64_t>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
}

Result<BufferRoom> choose_buffer(const Options& options) {
  const Transport transport = find_transport();
  if (transport == Transport::kRingBuffer) {
    const std::uint64_t pages = buffer_pages(options.buffer_bytes, page_size());
    return BufferRoom{transport, pages, options.max_delay.count() > 0, pages * page_size() / 4};
  }
  if (const auto enough = require_descriptors(kTracingDescriptors + cpus()); !enough) {
    return std::unexpected(enough.error());
  }
  return BufferRoom{transport, buffer_pages(options.buffer_bytes / cpus(), page_size())};
}

/// Of those that a machine has a few of.
bool is_few(const Column* key) {
  return key->name == "disk" || key->name == "partition" || key->name == "op";
}

/// Whether a hook may run a function for tracepoints with a queue before the request.
bool may_have_queue(const Hook& hook) {
  return hook.function.ends_with("_q") || hook.other_function.ends_with("_q");
}

}  // namespace

Result<ProgramRoom> choose_room(const Options& options) {
  const auto buffer = choose_buffer(options);
  if (!buffer) return std::unexpected(buffer.error());
  ProgramRoom room = {.buffer = *buffer, .slot_claim = slot_claim()};
  if (room.slot_claim != SlotClaim::kNone) room.bucket_bits = bucket_bits(most_in_flight(Root()));
  const Columns keys = query_of(options).summary_keys;
  if (!options.rows) room.buffer.gathers = false;
  if (keys.empty()) return room;
  const auto all_cpus = possible_cpus();
  if (!all_cpus) return std::unexpected(all_cpus.error());
  const std::size_t cpus_with_lines = line_cpus(*all_cpus);
  room.lines = {cpus_with_lines, lines_for(cpus_with_lines, std::ranges::all_of(keys, is_few))};
  return room;
}

std::vector<std::string> clang_flags(const ProbePlan& plan, const ProgramRoom& room) {
  std::vector<std::string> flags = {fmt::format("-DSTART_ENTRIES={}", kStartEntries)};
  if (std::ranges::none_of(plan.hooks, may_have_queue)) flags.emplace_back("-DONLY_RQ");
  // libbcc optimises what clang gives it: that clang does so first, and describes each
  // type for a debugger, takes as long as all the rest of the start. What types could tell it
  // of aliases helps nothing here.
  flags.insert(flags.end(), {"-Xclang", "-disable-llvm-passes", "-g0", "-fno-strict-aliasing"});
  if (room.slot_claim != SlotClaim::kNone) {
    flags.push_back(fmt::format("-DBUCKET_BITS={}", room.bucket_bits));
  }
  if (room.slot_claim == SlotClaim::kExchange) flags.emplace_back("-DCOMPARE_AND_EXCHANGE");
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
