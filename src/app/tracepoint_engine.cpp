#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "app/engine.h"
#include "app/program_setup.h"
#include "app/row_sinks.h"
#include "app/typed_program.h"
#include "system/descriptors.h"
#include "system/disk.h"
#include "tracepoint/block_rq_source.h"
#include "tracepoint/program_config.h"
#include "tracepoint/slots.h"
#include "tracepoint/typed_reads.h"
#include "tracepoint/wanted.h"

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

/// Whether a hook may run a function for tracepoints with a queue before the request.
bool may_have_queue(const Hook& hook) {
  return hook.function.ends_with("_q") || hook.other_function.ends_with("_q");
}

/// What has gathered in a ring buffer when it is read before its time.
std::uint64_t enough_bytes(const Buffer& buffer) {
  return buffer.pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 4;
}

/// Whether the program can have records wait for others.
bool gathers(const Buffer& buffer, const Options& options) {
  return buffer.transport == Transport::kRingBuffer && options.max_delay.count() > 0;
}

/// What a CPU may write until it wakes the reader: all together half of the buffer.
std::uint64_t enough_each(const Buffer& buffer) {
  const auto cpus = static_cast<std::uint64_t>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
  return 2 * enough_bytes(buffer) / cpus;
}

/// Of the slots for requests in flight; none where programs cannot claim one.
std::optional<unsigned> choose_bucket_bits() {
  if (!has_compare_and_exchange()) return std::nullopt;
  return bucket_bits(most_in_flight(Root()));
}

std::vector<std::string> clang_flags(const ProbePlan& plan, const Buffer& buffer,
                                     std::optional<unsigned> bits, const Options& options) {
  std::vector<std::string> flags = {fmt::format("-DSTART_ENTRIES={}", kStartEntries)};
  if (std::ranges::none_of(plan.hooks, may_have_queue)) flags.emplace_back("-DONLY_RQ");
  // libbcc optimises what clang gives it: that clang does so first, and describes each
  // type for a debugger, takes as long as all the rest of the start. What types could tell it
  // of aliases helps nothing here.
  flags.insert(flags.end(), {"-Xclang", "-disable-llvm-passes", "-g0", "-fno-strict-aliasing"});
  if (bits) flags.push_back(fmt::format("-DBUCKET_BITS={}", *bits));
  if (gathers(buffer, options)) {
    flags.push_back(fmt::format("-DENOUGH_EACH={}", enough_each(buffer)));
  }
  flags.push_back(buffer.transport == Transport::kRingBuffer
                      ? fmt::format("-DRING_PAGES={}", buffer.pages)
                      : "-DPERF_BUFFER");
  return flags;
}

Result<std::unique_ptr<BlockRqSource>> open_source(BccSession& session, const ProgramConfig& config,
                                                   const OperationTable& operations,
                                                   const BlockRqSource::Setting& setting,
                                                   bool has_slots, bool gathers, RequestSink sink,
                                                   const Log& log) {
  std::string messages;
  const auto start = session.map_fd("start");
  const Result<int> buckets = has_slots ? session.map_fd("buckets") : -1;
  const Result<int> gathering = gathers ? session.map_fd("gathering") : -1;
  const auto counts = session.map_fd("counts");
  const auto events = session.map_fd("events");
  const auto since = session.map_fd("since");
  const auto begin = session.load("begin", messages);
  const auto ask = session.load("ask", messages);
  tell_messages(begin && ask, messages, log);
  for (const auto* fd : {&start, &buckets, &gathering, &counts, &events, &since, &begin, &ask}) {
    if (!*fd) return std::unexpected(fd->error());
  }
  return BlockRqSource::open({*start, *buckets, *gathering, *counts, *events, *since, *begin, *ask},
                             config, operations, setting, std::move(sink));
}

void report_losses(const BccSession& session, const BlockRqSource& source, std::uint64_t rows,
                   const Log& log) {
  auto losses = source.losses();
  if (!losses) return log.warning(losses.error().message);
  losses->skipped_runs = session.skipped_runs();
  if (!log.verbose()) {
    losses->without_slot = 0;
    losses->filtered = 0;
  }
  log.info(describe_losses(rows, *losses));
}

void report_in_flight(const Result<std::vector<InFlight>>& requests, const Log& log) {
  if (!requests) return log.warning(requests.error().message);
  for (const std::string& line : describe_hanging(*requests)) log.info(line);
}

/// Detaches the hooks. No new requests first; then, while completions are still
/// watched, what is left in the hash is what has not completed. (Afterwards it
/// might have, unseen.)
Result<std::vector<InFlight>> stop(LoadedProgram& program, BlockRqSource& source) {
  const auto detach = [&](const Hook& hook) { program.session.detach_raw_tracepoint(hook.target); };
  if (auto stopping = source.stopping(); !stopping) return std::unexpected(stopping.error());
  detach(program.hooks.back());  // the issue
  auto in_flight = source.in_flight();
  std::for_each(std::next(program.hooks.rbegin()), program.hooks.rend(), detach);
  return in_flight;
}

bool shows(const Options& options, std::string_view column) {
  const Columns columns = query_of(options).columns;
  return std::ranges::find(columns, find_column(column)) != columns.end();
}

}  // namespace

Result<void> run_tracepoint(const ProbePlan& base_plan, const Result<KernelBtf>& btf,
                            const Options& options, const Log& log) {
  const auto config = configure(options, btf);
  if (!config) return std::unexpected(config.error());
  auto wanted = Wanted::find(options.filter, Root());
  if (!wanted) return std::unexpected(wanted.error());
  for (const std::string& line : wanted->awaited()) log.warning(line);
  const ProbePlan plan = with_hooks(base_plan, config->hooks);
  tell_plan(plan, log);
  for (const std::string& warning : config->warnings) log.warning(warning);
  const auto buffer = choose_buffer(options.buffer_bytes);
  if (!buffer) return std::unexpected(buffer.error());
  const auto bits = choose_bucket_bits();
  auto program = load_with_typed_reads({.text = config->text,
                                        .clang_flags = clang_flags(plan, *buffer, bits, options),
                                        .functions = {"begin", "ask"}},
                                       btf ? typed_reads(config->text, *btf) : std::nullopt, plan,
                                       btf, options, log);
  if (!program) return std::unexpected(program.error());
  BccSession& session = program->session;
  Rows rows(options);
  const auto source =
      open_source(session, *config, operation_table(btf),
                  {buffer->transport, buffer->pages, shows(options, "clock"), options.max_delay,
                   enough_bytes(*buffer)},
                  bits.has_value(), gathers(*buffer, options), rows.request_sink(), log);
  if (!source) return std::unexpected(source.error());
  const auto map_fd = [&session](const std::string& name) { return session.map_fd(name); };
  if (auto filled = wanted->fill(map_fd); !filled) return filled;
  if (auto attached = attach_hooks(*program, log); !attached) return attached;
  if (auto started = (*source)->started(); !started) return started;
  session.release_memory();

  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  RowPrinter& printer = rows.printer;
  Result<std::vector<InFlight>> in_flight;
  TraceLoop loop{.deadline = deadline_in(options.duration_s),
                 .every_second = {},
                 .stop_events = [&] { in_flight = stop(*program, **source); },
                 .print_rest = options.duration_s != 0.0};
  const bool reports = log.verbose();
  if (reports || !options.filter.cgroups.empty()) {
    loop.every_second = [&] {
      if (const auto looked = wanted->look_again(); !looked) log.warning(looked.error().message);
      if (reports) report_losses(session, **source, printer.rows(), log.without_waiting());
    };
  }
  auto result = loop.run(**source, printer, *signals);
  report_losses(session, **source, printer.rows(), log);
  report_in_flight(in_flight, log);
  return result;
}

}  // namespace disksnoop
