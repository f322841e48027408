#include "base/text.h"

#include <algorithm>
#include <iterator>

namespace disksnoop {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// str.isspace() for one code point (CPython's _PyUnicode_IsWhitespace).
bool is_unicode_space(std::uint32_t c) {
  if (c < 0x80) return is_ascii_space(static_cast<char>(c)) || (c >= 0x1c && c <= 0x1f);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/// The zeros of the other scripts' decimal digits (category Nd), each followed
/// by its nine: Unicode 14, that of Debian 12's Python 3.11.
constexpr std::uint32_t kZeros[] = {
    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,
    0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,
    0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,
    0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

}  // namespace

std::optional<CodePoint> decode_first(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return CodePoint{lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return std::nullopt;
  std::uint32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return std::nullopt;
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10ffff) return std::nullopt;
  if (value >= 0xd800 && value <= 0xdfff) return std::nullopt;
  return CodePoint{value, length};
}

std::string_view strip_right(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

bool split_bytes(std::string_view text, std::span<std::string_view> words) {
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  for (std::size_t count = 0;; ++count) {
    at = std::find_if_not(at, end, is_ascii_space);
    if (at == end) return count == words.size();
    if (count == words.size()) return false;
    const char* const word = at;
    at = std::find_if(at, end, is_ascii_space);
    words[count] = {word, at};
  }
}

bool split_utf8(std::string_view text, std::span<std::string_view> words) {
  std::size_t count = 0;
  bool in_word = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto code_point = decode_first(text.substr(i));
    if (!code_point) return false;
    const std::string_view bytes = text.substr(i, code_point->length);
    i += bytes.size();
    if (is_unicode_space(code_point->value)) {
      in_word = false;
    } else if (in_word) {
      words[count - 1] = {words[count - 1].data(), text.data() + i};
    } else if (count < words.size()) {
      words[count++] = bytes;
      in_word = true;
    } else {
      return false;
    }
  }
  return count == words.size();
}

std::string with_ascii_digits(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto code_point = decode_first(text.substr(i)).value_or(CodePoint{0, 1});
    const auto above = std::upper_bound(std::begin(kZeros), std::end(kZeros), code_point.value);
    const std::uint32_t digit = above == std::begin(kZeros) ? 10 : code_point.value - above[-1];
    if (digit < 10) {
      result.push_back(static_cast<char>('0' + digit));
    } else {
      result.append(text.substr(i, code_point.length));
    }
    i += code_point.length;
  }
  return result;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace disksnoop
