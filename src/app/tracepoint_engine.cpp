#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/engine.h"
#include "app/trace_report.h"
#include "core/disk_condition.h"
#include "kernel/block_rq_source.h"
#include "kernel/descriptors.h"
#include "kernel/disk.h"
#include "programs.h"

namespace disksnoop {
namespace {

// Requests in flight at one time; a machine with eight NVMe disks of eight
// queues of 1023 requests each has not quite twice as many.
constexpr int kStartEntries = 32768;

struct Buffer {
  Transport transport;
  std::uint64_t pages;  ///< of a ring buffer all, of a perf buffer each CPU's
};

Result<Buffer> choose_buffer(std::uint64_t bytes) {
  const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const Transport transport = find_transport();
  if (transport == Transport::kRingBuffer) return Buffer{transport, buffer_pages(bytes, page_size)};
  const auto cpus = static_cast<std::uint64_t>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
  if (const auto enough = require_descriptors(kTracingDescriptors + cpus); !enough) {
    return std::unexpected(enough.error());
  }
  return Buffer{transport, buffer_pages(bytes / cpus, page_size)};
}

Result<std::vector<std::string>> clang_flags(const Options& options, const Buffer& buffer,
                                             const Result<KernelBtf>& btf) {
  std::vector<std::string> flags = {fmt::format("-DSTART_ENTRIES={}", kStartEntries)};
  flags.push_back(buffer.transport == Transport::kRingBuffer
                      ? fmt::format("-DRING_PAGES={}", buffer.pages)
                      : "-DPERF_BUFFER");
  if (!options.disk) return flags;
  if (!btf) return fail(fmt::format("--disk needs the kernel's BTF: {}", btf.error().message));
  const auto disks = find_disk(Root(), *options.disk);
  if (!disks) return std::unexpected(disks.error());
  flags.push_back(fmt::format("-DDISK_WANTED={}", disk_condition(*disks)));
  if (btf->find_member("request", "rq_disk")) flags.emplace_back("-DHAVE_RQ_DISK");
  return flags;
}

Result<BlockRqMaps> find_maps(const BccSession& session) {
  const auto start = session.map_fd("start");
  const auto counts = session.map_fd("counts");
  const auto events = session.map_fd("events");
  for (const auto* fd : {&start, &counts, &events}) {
    if (!*fd) return std::unexpected(fd->error());
  }
  return BlockRqMaps{*start, *counts, *events};
}

void report_counts(const BccSession& session, const BlockRqSource& source, std::uint64_t rows,
                   const Log& log) {
  const auto counts = source.counts();
  if (!counts) return log.warning(counts.error().message);
  std::string line =
      fmt::format("{} rows, {} lost in the buffer, {} lost in the map, {} completed without an "
                  "issue seen",
                  rows, counts->lost_in_buffer, counts->lost_in_map, counts->not_issued);
  if (counts->not_completed != 0) {
    line += fmt::format(", {} whose completion the kernel did not show", counts->not_completed);
  }
  if (const std::uint64_t skipped = session.skipped_runs(); skipped != 0) {
    line += fmt::format(", {} times a hook was skipped by the kernel", skipped);
  }
  log.info(line);
}

/// Requests that were issued more than a second ago and have not completed:
/// what a disk that hangs looks like.
void report_in_flight(const BlockRqSource& source, const Log& log) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::size_t kMost = 20;
  const std::vector<InFlight> requests = source.in_flight();
  std::size_t old = 0;
  for (const InFlight& request : requests) {
    if (request.age_ns <= kSecond) break;
    if (++old > kMost) continue;
    log.info(fmt::format("not completed: {} of {} bytes, issued {:.1f} s ago",
                         (request.cmd_flags & 1) != 0 ? "W"
                         : request.bytes == 0         ? "M"
                                                      : "R",
                         request.bytes, static_cast<double>(request.age_ns) / 1e9));
  }
  if (old > kMost) log.info(fmt::format("not completed: {} more", old - kMost));
}

}  // namespace

Result<void> run_tracepoint(const ProbePlan& plan, const Result<KernelBtf>& btf,
                            const Options& options, const Log& log) {
  const auto buffer = choose_buffer(options.buffer_bytes);
  if (!buffer) return std::unexpected(buffer.error());
  const auto flags = clang_flags(options, *buffer, btf);
  if (!flags) return std::unexpected(flags.error());
  auto session = start_session(kBlockRqProgram, *flags, plan, btf, options, log);
  if (!session) return std::unexpected(session.error());
  const auto maps = find_maps(*session);
  if (!maps) return std::unexpected(maps.error());
  const auto source = BlockRqSource::open(*maps, buffer->transport, buffer->pages);
  if (!source) return std::unexpected(source.error());

  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  RowPrinter printer(Output(STDOUT_FILENO), options.format, options.count);
  TraceLoop loop{.deadline = deadline_in(options.duration_s),
                 .every_second = {},
                 .stop_events =
                     [&] {
                       // No new requests first, so that what is left in the map
                       // is what has not completed.
                       for (auto hook = plan.hooks.rbegin(); hook != plan.hooks.rend(); ++hook) {
                         session->detach_raw_tracepoint(hook->target);
                       }
                     },
                 .print_rest = options.duration_s != 0.0};
  if (log.verbose()) {
    loop.every_second = [&] {
      report_counts(*session, **source, printer.rows(), log.without_waiting());
    };
  }
  auto result = loop.run(**source, printer, *signals);
  report_counts(*session, **source, printer.rows(), log);
  report_in_flight(**source, log);
  return result;
}

}  // namespace disksnoop
