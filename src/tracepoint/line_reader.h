// What the program's lines have counted, taken out as reports of a summary.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "request/summary.h"
#include "system/wall_clock.h"
#include "tracepoint/bpf_buffer.h"
#include "tracepoint/key_decoder.h"
#include "tracepoint/line_tables.h"
#include "tracepoint/program_config.h"

namespace disksnoop {

class LineReader {
 public:
  using Clock = std::chrono::steady_clock;

  /// Until programs that ran when the sets were switched have ended. One that takes longer
  /// counts all the same: in what is taken out of its set the next time.
  static constexpr std::chrono::milliseconds kSettle{20};

  /// `names`: where the names come from that keys refer to; null where none are sent, or another
  /// reads them and hands them on to add_path(). Error: maps that are not those of the program
  /// that `config` has.
  static Result<LineReader> open(const LineMaps& maps, const ProgramConfig& config,
                                 const Columns& keys, const OperationTable& operations,
                                 std::unique_ptr<BpfBuffer> names);

  /// Counting has begun.
  void begin() { begin_ = Clock::now(); }

  /// Has the programs count in the other set. To be taken out, once programs have settled: the
  /// one that was in use until now.
  std::size_t switch_sets() { return tables_.switch_sets(); }

  /// What is in these sets, as it was at `end`.
  Result<SummaryReport> take(std::span<const std::size_t> sets, Clock::time_point end);
  /// What is in all of them.
  Result<SummaryReport> take_all(Clock::time_point end);

  /// Takes the path of a file or a cgroup.
  void add_path(std::span<const std::byte> record) { decoder_.add_path(record); }

 private:
  LineReader(LineTables tables, KeyDecoder decoder, std::unique_ptr<BpfBuffer> names)
      : tables_(std::move(tables)), decoder_(std::move(decoder)), names_(std::move(names)) {}

  Result<void> read_names();

  LineTables tables_;
  KeyDecoder decoder_;
  std::unique_ptr<BpfBuffer> names_;
  WallClock clock_;
  Clock::time_point begin_;  ///< of what is taken next
};

}  // namespace disksnoop
