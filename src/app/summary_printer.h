// Summaries to stdout, at the end or each interval, and a picture of them to a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "app/options.h"
#include "app/request_filter.h"
#include "app/row_printer.h"
#include "request/heat_map.h"
#include "request/request.h"
#include "request/summary.h"
#include "system/atomic_file.h"

namespace disksnoop {

/// How often the program's lines are read, and after how many readings an interval is over.
struct Readings {
  std::chrono::nanoseconds every;
  std::uint64_t each_interval;
};
Readings readings_for(const SummaryOptions& options);

class SummaryPrinter {
 public:
  /// `source`: what is read; -1 for no file. Error: the picture cannot be written.
  static Result<std::unique_ptr<SummaryPrinter>> open(const Options& options, int source = -1);

  /// What the lines stand for, and whether a request that names no error is known to have had
  /// none: to be called before the first request of a recording.
  void begin(Columns keys, bool tells_errors);

  /// Takes a request of a recording; false when there are as many tables as were asked for.
  bool add(const Request& request);

  /// Takes what completed since the last reading, for which so many were due; the same.
  bool add(const SummaryReport& reading, std::uint64_t readings = 1);

  /// The last table: of what came since the last one, or of all. Once, however often it is
  /// called.
  void finish();

  /// After finish(); nothing where none was asked for.
  Result<void> write_picture() const;

  const std::optional<AtomicFile>& picture() const { return picture_; }
  RowPrinter& printer() { return printer_; }
  std::uint64_t requests() const { return requests_; }

  RequestFilter filter;

 private:
  SummaryPrinter(const Options& options, std::optional<AtomicFile> picture);

  /// The table of the interval, which ended at this moment; false when it was the last one.
  bool end_interval();
  /// Ends the interval if a request at this moment is after it.
  bool move_to(const Request& request);
  void print(const SummaryReport& report);

  SummaryOptions options_;
  const Format* format_;
  std::optional<std::uint64_t> most_tables_;
  std::optional<AtomicFile> picture_;
  RowPrinter printer_;

  Columns keys_;
  bool tells_errors_ = true;
  SummaryReport interval_;
  Summary total_;  ///< where a picture is made
  std::optional<HeatMap> heat_map_;
  std::optional<WallTime> begin_clock_;  ///< of all
  std::uint64_t readings_each_;
  std::uint64_t readings_ = 0;  ///< of this interval
  std::uint64_t tables_ = 0;
  std::uint64_t requests_ = 0;
  std::optional<std::int64_t> first_ns_;  ///< completion of the first request of a recording
  std::int64_t interval_begin_ns_ = 0;    ///< of this interval, from the first request on
  bool is_over_ = false;
};

}  // namespace disksnoop
