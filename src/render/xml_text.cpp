#include "render/xml_text.h"

#include "base/escape.h"
#include "base/text.h"

namespace disksnoop {

std::string xml_text(std::string_view text) {
  std::string out;
  const std::string harmless = escaped(text);
  for (std::string_view rest = harmless; !rest.empty();) {
    // The two that UTF-8 can write and a terminal can show, but XML cannot have.
    const bool is_fffe = rest.starts_with("\xef\xbf\xbe");
    if (is_fffe || rest.starts_with("\xef\xbf\xbf")) {
      out += is_fffe ? "\\xef\\xbf\\xbe" : "\\xef\\xbf\\xbf";
      rest.remove_prefix(3);
      continue;
    }
    switch (const char c = rest.front()) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
    rest.remove_prefix(1);
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t characters = count_code_points(text);
  if (characters <= most) return std::string(text);
  for (; characters >= most && !text.empty(); --characters) {
    const auto first = decode_first(text);
    text.remove_prefix(first ? first->length : 1);
  }
  return "…" + std::string(text);
}

}  // namespace disksnoop
