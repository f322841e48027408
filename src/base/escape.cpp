#include "base/escape.h"

#include <fmt/format.h>

#include "base/text.h"

namespace disksnoop {
namespace {

bool is_harmless(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  // Line and paragraph separator; embeddings, overrides and isolates of the
  // direction (Unicode Bidi_Control), with which a text reads as another one.
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return !separator && !direction;
}

std::string escape(std::string_view text, std::string_view also_harmless) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto code_point = decode_first(text);
    const std::string_view bytes = text.substr(0, code_point ? code_point->length : 1);
    text.remove_prefix(bytes.size());
    if (code_point &&
        (is_harmless(code_point->value) || also_harmless.find(bytes) != std::string_view::npos)) {
      result += bytes;
      continue;
    }
    for (const char byte : bytes) result += fmt::format("\\x{:02x}", byte & 0xff);
  }
  return result;
}

}  // namespace

std::string escaped(std::string_view text) { return escape(text, ""); }

std::string escaped_lines(std::string_view text) { return escape(text, "\n\t"); }

}  // namespace disksnoop
