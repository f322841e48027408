#include "original/trace_line.h"

#include <charconv>

#include "base/text.h"
#include "original/python_number.h"
#include "original/usual_line.h"

namespace disksnoop {
namespace {

/// line[begin:] and line[:end] of Python, which never fail.
std::string_view slice_from(std::string_view text, std::size_t begin) {
  return begin < text.size() ? text.substr(begin) : std::string_view();
}

std::string_view slice_to_last(std::string_view text) {
  return text.substr(0, text.empty() ? 0 : text.size() - 1);
}

/// Takes a decimal number from the beginning of `text`; nothing if there is none, or of more than
/// 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Reads "CPU:n [LOST m EVENTS]", and "CPU:n [LOST EVENTS]" where the kernel
/// does not know how many (kernel/trace/trace.c, print_trace_line). Any other
/// line that starts with "CPU:" is passed over as well: a comm of 16 bytes can.
TraceLine read_cpu_line(std::string_view line) {
  constexpr std::string_view kCpu = "CPU:";
  constexpr std::string_view kLost = " [LOST ";
  TraceLine result;
  result.kind = LineKind::kUnread;
  std::string_view rest = line.substr(kCpu.size());
  if (!take_number(rest) || !rest.starts_with(kLost)) return result;
  rest.remove_prefix(kLost.size());
  const auto count = take_number(rest);
  if (rest != (count ? " EVENTS]" : "EVENTS]")) return result;
  result.kind = LineKind::kLost;
  result.lost_events = count;
  return result;
}

/// What bcc's BPF.trace_fields() returns, as far as disksnoop.py uses it.
struct TraceFields {
  double timestamp_s;
  std::string_view message;
};

/// A line as bcc's trace_fields() cuts it (src/python/bcc/__init__.py). Its
/// arithmetic is kept: where find(b":") finds nothing it is -1, so the header
/// is all but the last byte and the message starts from there.
LineKind cut_trace_line(std::string_view line, TraceFields& fields) {
  const std::string_view text = slice_from(line, 17);  // past the comm and its "-"
  const std::size_t header_end = text.find(':');
  const bool has_colon = header_end != std::string_view::npos;
  std::string_view header[4];  // pid, [cpu], flags, timestamp
  if (!split_bytes(has_colon ? text.substr(0, header_end) : slice_to_last(text), header)) {
    return line.empty() ? LineKind::kBlank : LineKind::kUnread;
  }

  const std::string_view after = has_colon ? text.substr(header_end + 1) : text;
  const std::size_t symbol_end = after.find(':');
  fields.message = slice_from(after, symbol_end == std::string_view::npos ? 1 : symbol_end + 2);

  // Where one of these is not a number, trace_fields() returns the str
  // "Unknown" as message, of which disksnoop.py dies.
  const std::string_view cpu = slice_to_last(slice_from(header[1], 1));
  const auto timestamp = python_float(header[3]);
  if (!timestamp || !is_python_int(header[0]) || !is_python_int(cpu)) return LineKind::kForeign;
  fields.timestamp_s = *timestamp;
  return LineKind::kRow;
}

/// int() of a str, unlike that of bytes, knows the digits of every script.
template <class Number>
std::optional<Number> read_word(std::optional<Number> read(std::string_view), std::string_view word,
                                Dialect dialect) {
  if (const auto number = read(word)) return *number;
  if (dialect == Dialect::kBcc) return std::nullopt;
  return read(with_ascii_digits(word));
}

/// Reads any line but those of read_cpu_line(), as Python does.
TraceLine read_line(std::string_view line, Dialect dialect) {
  TraceLine result;
  TraceFields fields;
  result.kind = cut_trace_line(line, fields);
  if (result.kind != LineKind::kRow) return result;

  std::string_view words[3];  // bytes, cmd_flags, microseconds
  const bool three_words = dialect == Dialect::kSeed ? split_utf8(fields.message, words)
                                                     : split_bytes(fields.message, words);
  const auto odd = three_words ? read_word(python_hex_is_odd, words[1], dialect) : std::nullopt;
  const auto microseconds = three_words ? read_word(python_int, words[2], dialect) : std::nullopt;
  if (!odd || !microseconds) {
    result.kind = LineKind::kForeign;
    return result;
  }
  result.timestamp_s = fields.timestamp_s;
  result.bytes = words[0];
  result.write = *odd;  // REQ_WRITE is bit 0
  result.latency_ms = *microseconds / 1000;
  return result;
}

}  // namespace

TraceLine parse_trace_line(std::string_view raw, Dialect dialect) {
  if (TraceLine line; read_usual_line(raw, line)) return line;
  const std::string_view line = strip_right(raw);
  if (line.starts_with("CPU:")) return read_cpu_line(line);
  return read_line(line, dialect);
}

std::optional<OriginalRow> TraceReader::read(std::string_view line) {
  // Every other line: bpf_trace_printk() ends its line, and so does the message.
  if (line == "\n") return std::nullopt;
  const TraceLine parsed = parse_trace_line(line, dialect_);
  switch (parsed.kind) {
    case LineKind::kBlank:
      return std::nullopt;
    case LineKind::kUnread:
      ++counts_.unread_lines;
      counts_.unread_kinds.insert(classify_unread(line));
      return std::nullopt;
    case LineKind::kLost:
      counts_.lost_events += parsed.lost_events.value_or(0);
      if (!parsed.lost_events) ++counts_.losses_unknown;
      return std::nullopt;
    case LineKind::kForeign:
      ++counts_.foreign_lines;
      // By chance its first line has as many words as a header.
      if (classify_unread(line) == UnreadKind::kCompressed) {
        counts_.unread_kinds.insert(UnreadKind::kCompressed);
      }
      return std::nullopt;
    case LineKind::kRow:
      break;
  }
  const double now_s = parsed.timestamp_s;
  // Tested by value, as in the script: a first row at 0.0 does not set it.
  if (start_s_ == 0) start_s_ = now_s;
  return OriginalRow{.time_s = now_s,
                     .elapsed_s = now_s - start_s_,
                     .bytes = parsed.bytes,
                     .write = parsed.write,
                     .latency_ms = parsed.latency_ms};
}

}  // namespace disksnoop
