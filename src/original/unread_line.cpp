#include "original/unread_line.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/text.h"

namespace disksnoop {
namespace {

using namespace std::string_view_literals;

constexpr std::array kMagics = {"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "\xfd\x37zXZ\0"sv, "BZh"sv,
                                "\x04\x22\x4d\x18"sv};

bool is_made_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_decimal(std::string_view text) { return is_made_of(text, "0123456789"); }

bool is_cpu(std::string_view word) {
  return word.size() > 2 && word.starts_with('[') && word.ends_with(']') &&
         is_decimal(word.substr(1, word.size() - 2));
}

bool is_time(std::string_view word) {
  return is_made_of(word, "0123456789.") && word.find('.') != std::string_view::npos;
}

/// "114617987us", and a mark of how long it took: kernel/trace/trace_output.c,
/// trace_print_lat_context.
bool is_time_in_us(std::string_view word) {
  const std::size_t us = word.find("us");
  return us != std::string_view::npos && is_decimal(word.substr(0, us)) &&
         (us + 2 == word.size() || is_made_of(word.substr(us + 2), "+!#*@$"));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = std::find_if_not(text.begin(), text.end(), is_ascii_space);
    if (begin == text.end()) return words;
    const auto end = std::find_if(begin, text.end(), is_ascii_space);
    words.emplace_back(begin, end);
    text = {end, text.end()};
  }
}

/// "4096 80700 100", with the name of the event before it or not.
bool is_message(std::string_view line) {
  constexpr std::string_view kEvent = "bpf_trace_printk: ";
  const auto words = words_of(line.starts_with(kEvent) ? line.substr(kEvent.size()) : line);
  return words.size() == 3 && is_decimal(words[0]) && is_made_of(words[1], "0123456789abcdef") &&
         is_decimal(words[2]);
}

/// "… type: 550".
bool is_raw(std::string_view line) {
  constexpr std::string_view kType = "type: ";
  const std::size_t at = line.rfind(kType);
  return at != std::string_view::npos && is_decimal(line.substr(at + kType.size()));
}

/// By the words before the message, the last of which is the time.
UnreadKind classify_header(std::span<const std::string_view> words) {
  if (words.empty()) return UnreadKind::kOther;
  if (is_time_in_us(words.back())) return UnreadKind::kLatencyFormat;
  const auto cpu = std::find_if(words.begin(), words.end(), is_cpu);
  if (cpu == words.end() || cpu == words.begin() || !is_time(words.back())) {
    return UnreadKind::kOther;
  }
  const auto after = words.end() - cpu;  // the CPU itself, flags, time
  if ((cpu - 1)->ends_with(')')) return UnreadKind::kRecordTgid;
  if (after == 2) return UnreadKind::kNoIrqInfo;
  return after == 3 ? UnreadKind::kMoved : UnreadKind::kOther;
}

}  // namespace

UnreadKind classify_unread(std::string_view raw) {
  const auto begins_with = [raw](std::string_view magic) { return raw.starts_with(magic); };
  if (std::any_of(kMagics.begin(), kMagics.end(), begins_with)) return UnreadKind::kCompressed;
  const std::string_view line = strip_right(raw);
  if (line.starts_with('#')) return UnreadKind::kComment;
  if (is_message(line)) return UnreadKind::kNoContextInfo;
  if (is_raw(line)) return UnreadKind::kRawFormat;
  // A comm can hold a colon, as kworker/0:1 does.
  return classify_header(words_of(line.substr(0, line.find(": "))));
}

std::string_view hint_on(UnreadKind kind) {
  switch (kind) {
    case UnreadKind::kRecordTgid:
      return "options/record-tgid is on";
    case UnreadKind::kNoIrqInfo:
      return "options/irq-info is off";
    case UnreadKind::kNoContextInfo:
      return "options/context-info is off";
    case UnreadKind::kLatencyFormat:
      return "options/latency-format is on";
    case UnreadKind::kRawFormat:
      return "options/raw, hex or bin is on";
    case UnreadKind::kComment:
      return "comments, as in the file trace";
    case UnreadKind::kMoved:
      return "not in the kernel's columns: are blanks lost at the beginning?";
    case UnreadKind::kCompressed:
      return "the stream is compressed: decompress it first";
    case UnreadKind::kOther:
      break;
  }
  return "";
}

}  // namespace disksnoop
