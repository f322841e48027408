// What the harnesses have in common: what has to hold, and text that is fit to be shown.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/escape.h"
#include "base/text.h"

namespace disksnoop {

/// A finding, unless it holds: libFuzzer keeps the input then.
inline void require(bool holds, std::string_view what, std::string_view text = {}) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}{}{}\n", what, text.empty() ? "" : ": ", escaped(text));
  std::abort();
}

/// Whether no byte of `text` does something to a terminal or is no UTF-8.
inline bool is_fit(std::string_view text) { return escaped(text) == text; }

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The pieces of `text` between separators; at least one.
inline std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

}  // namespace disksnoop
