#include "app/json_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/text.h"

namespace disksnoop {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::chrono::milliseconds kPause(50);

bool has(const Columns& columns, std::string_view name) {
  return std::ranges::find(columns, find_column(name)) != columns.end();
}

}  // namespace

Columns recorded_columns(const Columns& in_rows) {
  Columns columns = in_rows;
  if (has(columns, "clock") && !has(columns, "time")) columns.push_back(find_column("time"));
  return columns;
}

JsonRows::JsonRows(UniqueFd fd, std::string_view read, Begin begin, RequestSink sink)
    : fd_(std::move(fd)),
      has_read_(!read.empty()),
      begin_(std::move(begin)),
      sink_(std::move(sink)) {
  lines_.append(read);
}

Result<EventSource::Drained> JsonRows::drain() {
  ssize_t length = 1;
  if (!has_read_) {
    const std::span<char> room = lines_.room(kChunk);
    length = ::read(fd_.get(), room.data(), room.size());
    if (length < 0) {
      if (errno == EAGAIN) return Drained{State::kAgain, kPause};
      if (errno == EINTR) return Drained{State::kOpen};
      return fail(fmt::format("cannot read the recording: {}", std::strerror(errno)));
    }
    lines_.commit(static_cast<std::size_t>(length));
  }
  has_read_ = false;
  auto more = take_lines();
  if (more && length == 0) {
    if (const auto line = lines_.rest()) more = take(*line);
    if (more && begin_) {
      if (const auto begun = begin_({}); !begun) return std::unexpected(begun.error());
    }
    return more ? Result<Drained>(Drained{State::kEnded}) : std::unexpected(more.error());
  }
  if (!more) return std::unexpected(more.error());
  return Drained{*more ? State::kOpen : State::kEnded};
}

/// False if no more are wanted.
Result<bool> JsonRows::take_lines() {
  while (const auto line = lines_.next()) {
    const auto more = take(*line);
    if (!more || !*more) return more;
  }
  return true;
}

Result<bool> JsonRows::take(std::string_view line) {
  const bool ends = line.ends_with('\n');
  if (is_too_long_) {
    is_too_long_ = !ends;
    return true;
  }
  if (!ends && line.size() == kLongestLine) {
    is_too_long_ = true;
    ++too_long_lines_;
    ++foreign_lines_;
    return true;
  }
  auto request = reader_.read(line);
  if (!request) {
    if (!strip_right(line).empty()) ++foreign_lines_;
    return true;
  }
  if (begin_) {
    has_time_ = has(reader_.columns(), "time");
    if (const auto begun = begin_(reader_.columns()); !begun) {
      return std::unexpected(begun.error());
    }
    begin_ = nullptr;
  }
  if (!has_time_) add_time(*request);
  return sink_(*request);
}

/// Seconds since the first row, as far as the clock was not set in between.
void JsonRows::add_time(Request& request) {
  if (!request.clock) return;
  if (!first_us_) first_us_ = request.clock->unix_us;
  constexpr std::int64_t kMostUs = std::numeric_limits<std::int64_t>::max() / 1000;
  const std::int64_t us = request.clock->unix_us - *first_us_;
  if (us >= -kMostUs && us <= kMostUs) request.completed_ns = us * 1000;
}

void JsonRows::report(const Log& log) const {
  const auto& keys = reader_.other_keys();
  if (foreign_lines_ == 0 && keys.empty()) return;
  std::string text = fmt::format("{} foreign lines skipped", foreign_lines_);
  if (too_long_lines_ != 0) {
    text += fmt::format(", {} of them longer than {} bytes", too_long_lines_, kLongestLine);
  }
  if (!keys.empty())
    text += fmt::format(", keys that are no columns, such as {}", fmt::join(keys, ", "));
  log.info(text);
}

}  // namespace disksnoop
