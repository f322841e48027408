// Text as Python's bytes and str see it: white space, words, code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace disksnoop {

/// bytes.isspace() for one byte: space, \t \n \v \f \r.
constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct CodePoint {
  std::uint32_t value;
  std::size_t length;  ///< in bytes
};

/// The first code point of `text`, which is not empty; nothing where Python's
/// strict decoder raises: overlong forms, surrogates, beyond U+10FFFF.
std::optional<CodePoint> decode_first(std::string_view text);

/// bytes.rstrip().
std::string_view strip_right(std::string_view text);

/// bytes.split() into exactly words.size() words; false where there are more
/// or fewer.
bool split_bytes(std::string_view text, std::span<std::string_view> words);

/// str(text, "utf-8").split() into exactly words.size() words; false where
/// there are more or fewer, or where `text` is not UTF-8.
bool split_utf8(std::string_view text, std::span<std::string_view> words);

/// Valid UTF-8 with each decimal digit of another script as its ASCII digit:
/// int(str) and float(str) read them all alike, those of bytes do not.
std::string with_ascii_digits(std::string_view text);

/// The number of code points in valid UTF-8, as Python's len(str).
std::size_t count_code_points(std::string_view text);

}  // namespace disksnoop
