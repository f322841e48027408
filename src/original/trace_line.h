// One line of trace_pipe: bcc's trace_fields() and the loop of disksnoop.py.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "original/unread_line.h"
#include "render/original_row.h"

namespace disksnoop {

/// What a line is to disksnoop.py.
enum class LineKind {
  kBlank,
  kUnread,   ///< trace_fields() passes over it without a word: no header of 4 fields
  kLost,     ///< "CPU:n [LOST m EVENTS]": the kernel's buffer was full
  kForeign,  ///< disksnoop.py dies of it
  kRow,
};

struct TraceLine {
  LineKind kind = LineKind::kBlank;
  bool write = false;                        ///< of a row
  double timestamp_s = 0;                    ///< of a row
  double latency_ms = 0;                     ///< of a row
  std::string_view bytes;                    ///< of a row
  std::optional<std::uint64_t> lost_events;  ///< of kLost; none: the kernel gives no number
};

/// Reads one line. The view in the result points into `raw`.
TraceLine parse_trace_line(std::string_view raw, Dialect dialect);

/// What a stream held beside rows.
struct StreamCounts {
  std::uint64_t foreign_lines = 0;
  std::uint64_t unread_lines = 0;
  std::set<UnreadKind> unread_kinds = {};  ///< of these lines, and whether it is compressed
  std::uint64_t lost_events = 0;
  std::uint64_t losses_unknown = 0;  ///< times that events were lost without a number

  bool operator==(const StreamCounts&) const = default;
};

/// Turns the lines of one stream into rows, and counts what is not a row.
class TraceReader {
 public:
  explicit TraceReader(Dialect dialect) : dialect_(dialect) {}

  /// The row of `line` if it is a row; it points into `line`.
  std::optional<OriginalRow> read(std::string_view line);

  const StreamCounts& counts() const { return counts_; }

 private:
  Dialect dialect_;
  double start_s_ = 0;
  StreamCounts counts_;
};

}  // namespace disksnoop
