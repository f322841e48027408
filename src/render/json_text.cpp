#include "render/json_text.h"

#include <array>

#include "base/escape.h"

namespace disksnoop {

std::size_t plain_json_length(std::string_view text) {
  static constexpr auto kIsPlain = [] {
    std::array<bool, 256> is_plain = {};
    for (std::size_t c = ' '; c < 0x7f; ++c) is_plain.at(c) = c != '"' && c != '\\';
    return is_plain;
  }();
  std::size_t length = 0;
  while (length < text.size() && kIsPlain[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

void append_json(std::string& out, const nlohmann::ordered_json& json) {
  const auto dump = [&json](bool only_ascii) {
    return json.dump(-1, ' ', only_ascii, nlohmann::json::error_handler_t::replace);
  };
  const std::string dumped = dump(false);
  // The library leaves characters as they are with which a name could play with a
  // terminal: DEL, those of C1, marks of direction.
  out += escaped(dumped) == dumped ? dumped : dump(true);
}

void append_json_string(std::string& out, std::string_view text) {
  // Nearly all text is plain, for which the library's way is long.
  if (plain_json_length(text) == text.size()) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  append_json(out, nlohmann::ordered_json(text));
}

}  // namespace disksnoop
