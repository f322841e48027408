#include "tracepoint/line_reader.h"

#include <array>
#include <utility>

#include "tracepoint/accounts.h"
#include "tracepoint/event_order.h"

namespace disksnoop {
namespace {

constexpr std::size_t kBatch = 16384;

}  // namespace

Result<LineReader> LineReader::open(const LineMaps& maps, const ProgramConfig& config,
                                    const Columns& keys, const OperationTable& operations,
                                    std::unique_ptr<BpfBuffer> names) {
  auto tables = LineTables::open(maps, config.key_size());
  if (!tables) return std::unexpected(tables.error());
  return LineReader(std::move(*tables), KeyDecoder(config.parts, keys, operations),
                    std::move(names));
}

Result<void> LineReader::read_names() {
  if (!names_) return {};
  const BpfBuffer::PathSink add = [this](std::span<const std::byte> record) { add_path(record); };
  EventOrder events;  // none come
  events.begin(our_now_ns());
  do {
    events.begin(our_now_ns());
    if (auto done = names_->read(events, add, kBatch); !done) return done;
    events.end(our_now_ns());
  } while (!events.read_to_the_end());
  return {};
}

Result<SummaryReport> LineReader::take(std::span<const std::size_t> sets, Clock::time_point end) {
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
  return report;
}

Result<SummaryReport> LineReader::take_all(Clock::time_point end) {
  constexpr std::array<std::size_t, LINE_SETS> kAll = {0, 1};
  return take(kAll, end);
}

}  // namespace disksnoop
