// The columns: what of a request can be shown, and under which name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "request/request.h"

namespace disksnoop {

/// A time, and the unit that people read it in; machines read ns.
struct Duration {
  enum class Unit { kSeconds, kMilliseconds };
  std::int64_t ns;
  Unit unit;
};

/// The value of a column for one request; monostate: not known.
using Value = std::variant<std::monostate, std::uint64_t, std::int64_t, Duration, WallTime, char,
                           std::string_view>;

enum class Align { kLeft, kRight };

struct Column {
  std::string_view name;    ///< on the command line
  std::string_view header;  ///< in the table
  std::string_view key;     ///< in JSON; with the unit where the value has one
  std::size_t width;        ///< in the table, in characters; longer text moves what follows
  Align align;
  /// Its value. Only the time needs `first_ns`: completed_ns of what counts as the
  /// first row.
  Value (*value)(const Request& request, std::int64_t first_ns);
  /// Puts back what value() gave as a machine reads it: monostate, a number, or text,
  /// which stays its owner's. False if it is not a value of this column.
  bool (*set)(Request& request, const Value& value);
};

using Columns = std::vector<const Column*>;

/// What disksnoop.py has: time, type, bytes, latency.
const Columns& usual_columns();
/// The columns of --wide: who, where, what and how long.
const Columns& wide_columns();
/// Every column, in the order of the documentation.
const Columns& all_columns();

const Column* find_column(std::string_view name);

/// "time,type", or "+disk,pid" for the usual ones and these. Error: a name that is
/// none, with the nearest one and all others; one that comes twice.
Result<Columns> parse_columns(std::string_view list);

}  // namespace disksnoop
