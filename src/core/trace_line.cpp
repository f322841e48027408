#include "core/trace_line.h"

#include <charconv>

#include "core/python_number.h"
#include "core/text.h"

namespace disksnoop {
namespace {

/// line[begin:] and line[:end] of Python, which never fail.
std::string_view slice_from(std::string_view text, std::size_t begin) {
  return begin < text.size() ? text.substr(begin) : std::string_view();
}

std::string_view slice_to_last(std::string_view text) {
  return text.substr(0, text.empty() ? 0 : text.size() - 1);
}

/// The m of "CPU:n [LOST m EVENTS]" (kernel/trace/trace.c, print_trace_line).
std::uint64_t lost_events_of(std::string_view line) {
  constexpr std::string_view kLost = "[LOST ";
  const std::size_t at = line.find(kLost);
  if (at == std::string_view::npos) return 0;
  std::uint64_t count = 0;
  const std::string_view digits = line.substr(at + kLost.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

/// A line as bcc's trace_fields() cuts it (src/python/bcc/__init__.py). Its
/// arithmetic is kept: where find(b":") finds nothing it is -1, so the header
/// is all but the last byte and the message starts from there.
LineKind cut_trace_line(std::string_view line, TraceFields& fields) {
  const std::string_view text = slice_from(line, 17);  // past the comm and its "-"
  const std::size_t header_end = text.find(':');
  const bool has_colon = header_end != std::string_view::npos;
  std::string_view header[4];  // pid, [cpu], flags, timestamp
  if (!split_bytes(has_colon ? text.substr(0, header_end) : slice_to_last(text), header)) {
    return LineKind::kSkipped;
  }

  const std::string_view after = has_colon ? text.substr(header_end + 1) : text;
  const std::size_t symbol_end = after.find(':');  // of "bpf_trace_printk"
  fields.message = slice_from(after, symbol_end == std::string_view::npos ? 1 : symbol_end + 2);

  // Where one of these is not a number, trace_fields() returns the str
  // "Unknown" as message, of which disksnoop.py dies.
  const std::string_view cpu = slice_to_last(slice_from(header[1], 1));
  const auto timestamp = python_float(header[3]);
  if (!timestamp || !is_python_int(header[0]) || !is_python_int(cpu)) return LineKind::kForeign;
  fields.timestamp_s = *timestamp;
  return LineKind::kRow;
}

}  // namespace

TraceLine parse_trace_line(std::string_view raw, Dialect dialect) {
  TraceLine result;
  const std::string_view line = strip_right(raw);
  if (line.starts_with("CPU:")) {
    result.kind = LineKind::kLost;
    result.lost_events = lost_events_of(line);
    return result;
  }
  result.kind = cut_trace_line(line, result.fields);
  if (result.kind != LineKind::kRow) return result;

  const std::string_view message = result.fields.message;
  const bool three_words = dialect == Dialect::kSeed ? split_utf8(message, result.words)
                                                     : split_bytes(message, result.words);
  const auto odd = three_words ? python_hex_is_odd(result.words[1]) : std::nullopt;
  const auto microseconds = three_words ? python_int(result.words[2]) : std::nullopt;
  if (!odd || !microseconds) {
    result.kind = LineKind::kForeign;
    return result;
  }
  result.write = *odd;  // REQ_WRITE is bit 0
  result.latency_ms = *microseconds / 1000;
  return result;
}

std::optional<IoEvent> TraceReader::read(std::string_view line) {
  const TraceLine parsed = parse_trace_line(line, dialect_);
  switch (parsed.kind) {
    case LineKind::kSkipped:
      return std::nullopt;
    case LineKind::kLost:
      lost_events_ += parsed.lost_events;
      return std::nullopt;
    case LineKind::kForeign:
      ++foreign_lines_;
      return std::nullopt;
    case LineKind::kRow:
      break;
  }
  const double now_s = parsed.fields.timestamp_s;
  // Tested by value, as in the script: a first row at 0.0 does not set it.
  if (start_s_ == 0) start_s_ = now_s;
  return IoEvent{.time_s = now_s,
                 .elapsed_s = now_s - start_s_,
                 .bytes = parsed.words[0],
                 .write = parsed.write,
                 .latency_ms = parsed.latency_ms};
}

}  // namespace disksnoop
