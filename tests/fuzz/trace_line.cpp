// A line of trace_pipe: the fast reader agrees with the slow one, and a row is what Python reads.
#include "original/trace_line.h"

#include <algorithm>
#include <cmath>

#include "fuzz.h"
#include "original/original_request.h"
#include "original/trace_lines.h"
#include "original/usual_line.h"
#include "render/json_writer.h"
#include "render/table_writer.h"

namespace disksnoop {
namespace {

bool is_within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool same(double one, double other) {
  return one == other || (std::isnan(one) && std::isnan(other));
}

bool same(const TraceLine& one, const TraceLine& other) {
  return one.kind == other.kind && one.write == other.write &&
         same(one.timestamp_s, other.timestamp_s) && same(one.latency_ms, other.latency_ms) &&
         one.bytes == other.bytes && one.lost_events == other.lost_events;
}

/// To both dialects what is ASCII reads the same, but for what only str takes for white space.
bool reads_the_same(std::string_view line) {
  return std::ranges::none_of(line, [](char c) { return c < 0 || (c >= 0x1c && c <= 0x1f); });
}

/// What is shown of a row has as many words as there are columns, whatever was in the line.
void check_shown(const OriginalRow& row) {
  const Request request = request_of(row);
  std::string table;
  TableWriter(columns_of_a_line(), 0).append(table, request);
  std::string_view words[4];
  require(split_bytes(table, words), "a row of the table has four words", table);
  require(table.ends_with('\n') && is_fit(std::string_view(table).substr(0, table.size() - 1)),
          "a row of the table is fit to be shown", table);
  std::string original;
  append_original_row(original, row, Dialect::kSeed);
  append_original_row(original, row, Dialect::kBcc);
  require(original.ends_with('\n'), "a row ends with its line", original);
}

void check_row(const TraceLine& row, std::string_view line, Dialect dialect) {
  require(!row.bytes.empty() && is_within(row.bytes, line), "BYTES is a word of the line", line);
  require(std::ranges::none_of(row.bytes, is_ascii_space), "BYTES has no blanks", row.bytes);
  require(std::isfinite(row.latency_ms), "the latency is a number", line);
  if (dialect == Dialect::kSeed) {
    std::string_view word[1];
    require(split_utf8(row.bytes, word), "BYTES is a word of UTF-8", row.bytes);
  }
  check_shown({.time_s = row.timestamp_s,
               .elapsed_s = row.timestamp_s,
               .bytes = row.bytes,
               .write = row.write,
               .latency_ms = row.latency_ms});
}

void check_line(std::string_view line, Dialect dialect) {
  const TraceLine parsed = parse_trace_line(line, dialect);
  if (line.ends_with('\n')) {
    // Without its newline no line is usual, and to the slow reader the newline is nothing.
    const std::string_view unusual = line.substr(0, line.size() - 1);
    TraceLine ignored;
    require(unusual.ends_with('\n') || !read_usual_line(unusual, ignored),
            "the slow reader reads it", line);
    require(same(parsed, parse_trace_line(unusual, dialect)), "both readers agree", line);
  }
  if (parsed.kind == LineKind::kRow) check_row(parsed, line, dialect);
  if (parsed.kind == LineKind::kLost) {
    const std::string_view told = strip_right(line);
    const std::size_t digits = told.find_first_not_of("0123456789", 4);
    require(told.starts_with("CPU:") && digits != 4 && told.substr(digits).starts_with(" [LOST ") &&
                told.ends_with("EVENTS]"),
            "events were lost", line);
  }
  if (parsed.kind == LineKind::kBlank) {
    require(strip_right(line).empty(), "a blank line is blank", line);
  }
  TraceReader reader(dialect);
  require(reader.read(line).has_value() == (parsed.kind == LineKind::kRow),
          "the stream has the same rows", line);
  const StreamCounts& counts = reader.counts();
  require(counts.foreign_lines == (parsed.kind == LineKind::kForeign ? 1 : 0) &&
              counts.unread_lines == (parsed.kind == LineKind::kUnread ? 1 : 0) &&
              counts.lost_events == parsed.lost_events.value_or(0),
          "what is no row is counted", line);
  for (const UnreadKind kind : counts.unread_kinds)
    require(is_fit(hint_on(kind)), "a hint is text");
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  // A line as TraceLines gives it.
  std::string_view line = text_of(data, size).substr(0, TraceLines::kLongestLine);
  line = line.substr(0, std::min(line.find('\n'), line.size() - 1) + 1);
  if (line.empty()) return 0;
  check_line(line, Dialect::kSeed);
  check_line(line, Dialect::kBcc);
  if (reads_the_same(line)) {
    require(same(parse_trace_line(line, Dialect::kSeed), parse_trace_line(line, Dialect::kBcc)),
            "both dialects agree", line);
  }
  return 0;
}
