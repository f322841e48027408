// The formats: what rows can look like, by name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/check_report.h"
#include "render/original_row.h"
#include "render/row_writer.h"
#include "render/summary_look.h"
#include "request/columns.h"
#include "request/summary.h"

namespace disksnoop {

/// From which completed_ns the time of a row counts; none: from that of the first row.
using TimeOrigin = std::optional<std::int64_t>;

struct Format {
  std::string_view name;  ///< on the command line
  std::string_view help;
  /// The disksnoop.py whose rows these are where no columns are asked for.
  std::optional<Dialect> dialect;
  /// What is shown where no columns are asked for.
  const Columns& (*columns)();
  /// Writes rows of any columns; null where there are no others.
  std::unique_ptr<RowWriter> (*writer)(const Columns& columns, TimeOrigin origin);
  /// Adds a summary, on a terminal of this width; null where there are none.
  void (*summary)(std::string& out, const SummaryReport& report, const SummaryLook& look,
                  std::size_t width);
  /// Adds what --check found; null where there is none.
  void (*check)(std::string& out, const CheckReport& report);
};

/// All of them, the default first.
const std::vector<Format>& formats();

/// What writes rows of `format` with the columns that were asked for, if any.
/// `format` has a writer where there are columns.
std::unique_ptr<RowWriter> make_row_writer(const Format& format,
                                           const std::optional<Columns>& columns,
                                           TimeOrigin origin = {});

}  // namespace disksnoop
