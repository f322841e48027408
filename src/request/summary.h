// Many requests in a few lines: how many, how much, and how long they took.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "request/columns.h"
#include "request/histogram.h"
#include "request/request.h"

namespace disksnoop {

/// What a line stands for: the values of some columns, each as its column has it;
/// monostate: not known.
using SummaryValue = std::variant<std::monostate, std::uint64_t, std::string>;
using SummaryKey = std::vector<SummaryValue>;

/// disk, op.
const Columns& usual_summary_keys();

/// What a line can stand for: disk, partition, ...
std::vector<std::string_view> names_of_summary_keys();

/// "disk,op". Error: a name that no line can stand for, with all that one can; one that
/// comes twice.
Result<Columns> parse_summary_keys(std::string_view list);

/// Of one request; its operation without the flags, "R" and not "RAM".
SummaryKey summary_key(const Request& request, const Columns& keys);

/// What a line stands for by fewer columns, or in another order.
class KeyProjection {
 public:
  /// `to`: columns of `from`; the value of one that is not among them is not known.
  KeyProjection(const Columns& from, const Columns& to);
  /// `key`: of the columns `from`.
  SummaryKey operator()(const SummaryKey& key) const;

 private:
  std::vector<std::size_t> places_;  ///< in a key, of each column of `to`
};

/// What is known of some requests together.
struct SummaryLine {
  std::uint64_t requests = 0;
  std::optional<std::uint64_t> bytes;   ///< none: of no request they are known
  std::optional<std::uint64_t> errors;  ///< none: it is not known which failed
  Histogram latency;                    ///< from issue to completion
  Histogram queue;                      ///< from allocation to issue, of those that tell it

  /// `tells_errors`: of a request without an error it is known that it had none.
  void add(const Request& request, bool tells_errors);
  void merge(const SummaryLine& other);
  bool operator==(const SummaryLine&) const = default;
};

/// Lines by what they stand for.
class Summary {
 public:
  using Lines = std::map<SummaryKey, SummaryLine>;

  /// Beyond so many lines requests are counted among the others.
  static constexpr std::size_t kMostLines = 65536;

  void add(const SummaryKey& key, const SummaryLine& line);
  void add_other(const SummaryLine& line) { other_.merge(line); }
  void merge(const Summary& summary);

  bool empty() const { return lines_.empty() && other_.requests == 0; }
  const Lines& lines() const { return lines_; }
  /// Requests for whose line there was no room.
  const SummaryLine& other() const { return other_; }

 private:
  Lines lines_;
  SummaryLine other_;
};

/// Of all lines, and without one.
std::uint64_t requests_of(const Summary& summary);

/// The same requests by other columns, as KeyProjection has them: lines that come to stand for
/// the same are one. Requests without a line stay without one.
Summary projected(const Summary& summary, const Columns& from, const Columns& to);

/// The lines of a summary that are shown.
struct SummaryTop {
  using Line = std::pair<const SummaryKey*, const SummaryLine*>;

  std::vector<Line> lines;        ///< by the time that their requests took together, the most first
  std::uint64_t other_lines = 0;  ///< that are not among them
  /// Those and what had no line together; none where there is nothing.
  std::optional<SummaryLine> other;
};

/// At most `most` lines. What it gives points into `summary`.
SummaryTop top_of(const Summary& summary, std::size_t most);

/// A summary and when its requests completed.
struct SummaryReport {
  Summary summary;
  std::uint64_t span_ns = 0;            ///< how long that was
  std::optional<WallTime> clock;        ///< of its end
  std::optional<std::int64_t> time_ns;  ///< the same by the clock of the requests
};

}  // namespace disksnoop
