// Rows that JsonWriter wrote, read again.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "request/columns.h"
#include "request/request.h"

namespace disksnoop {

class JsonReader {
 public:
  /// The request of a row, with the time as it stands there; its texts are valid until
  /// the next call, and as long as `line`. None if the line is no row: no object of
  /// JSON, none of whose keys is a column's, or with a value that a column cannot have.
  std::optional<Request> read(std::string_view line);

  /// The columns of the last row, in the order of its keys.
  const Columns& columns() const { return columns_; }

  /// Keys of rows that are no column's, which are passed over; a few of them.
  const std::set<std::string>& other_keys() const { return other_keys_; }

 private:
  bool read_as_before(std::string_view line, Request& request) const;
  bool read_any(std::string_view line, Request& request);

  Columns columns_;
  std::vector<std::string> before_;  ///< what JsonWriter writes before the value of each
  std::deque<std::string> texts_;    ///< those that do not stand in the line as they are
  std::set<std::string> other_keys_;
};

}  // namespace disksnoop
