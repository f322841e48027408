#include "render/table_text.h"

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"

namespace disksnoop {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

void append_text(std::string& out, std::string_view text, bool is_last) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  for (const char c : escaped(text)) {
    if (c == ' ' && !is_last) {
      out += "\\x20";
    } else {
      out += c;
    }
  }
}

void fill_up(std::string& out, std::size_t begin, std::size_t width, Align align, bool is_last) {
  const std::size_t length = count_code_points(std::string_view(out).substr(begin));
  if (length >= width) return;
  const std::size_t blanks = width - length;
  if (align == Align::kRight) {
    out.insert(begin, blanks, ' ');
  } else if (!is_last) {
    out.append(blanks, ' ');
  }
}

}  // namespace disksnoop
