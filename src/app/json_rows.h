// Rows that --format=json wrote, as requests again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "original/trace_lines.h"
#include "render/json_reader.h"
#include "request/request.h"
#include "system/event_source.h"
#include "system/log.h"
#include "system/unique_fd.h"

namespace disksnoop {

class JsonRows final : public EventSource {
 public:
  /// Comes before the first request, with the columns that its row has, and at the
  /// end of a recording without rows, with none. An error ends it.
  using Begin = std::function<Result<void>(const Columns& recorded)>;

  /// `read`: what has been read from `fd` already.
  JsonRows(UniqueFd fd, std::string_view read, Begin begin, RequestSink sink);

  int fd() const override { return fd_.get(); }
  Result<Drained> drain() override;
  /// What is left is not lost: it stays recorded.
  Result<bool> drain_rest() override { return false; }

  /// One line on what was no row; nothing if that is nothing.
  void report(const Log& log) const;

  /// A path has up to 4096 bytes, a row several of them, an escaped byte six letters.
  static constexpr std::size_t kLongestLine = 1024 * 1024;

 private:
  Result<bool> take_lines();
  Result<bool> take(std::string_view line);
  void add_time(Request& request);

  UniqueFd fd_;
  TraceLines lines_{kLongestLine};
  bool has_read_;             ///< lines that nobody has taken yet
  bool is_too_long_ = false;  ///< the line of which the next piece is
  JsonReader reader_;
  Begin begin_;  ///< empty once it was called
  RequestSink sink_;
  bool has_time_ = false;
  std::optional<std::int64_t> first_us_;  ///< clock of the first row, if there is no time
  std::uint64_t foreign_lines_ = 0;
  std::uint64_t too_long_lines_ = 0;  ///< of these
};

/// The columns of a recording in which rows have these: with the time, which the
/// clock tells too.
Columns recorded_columns(const Columns& in_rows);

}  // namespace disksnoop
