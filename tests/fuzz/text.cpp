// Text of others in every form that it is shown in: fit for a terminal, and for what reads it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "render/json_text.h"
#include "render/table_text.h"
#include "render/xml_text.h"

namespace disksnoop {
namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = decode_first(text);
    if (!first) return false;
    text.remove_prefix(first->length);
  }
  return true;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

void check_escaped(std::string_view text) {
  const std::string line = escaped(text);
  require(is_utf8(line) && !has_control_characters(line), "escaped text is a line", text);
  require(escaped(line) == line, "escaped text is escaped once", text);
  require(line.size() >= text.size(), "nothing is left out", text);
  std::string joined;
  for (const std::string_view piece : pieces_of(text, '\n')) {
    if (piece.data() != text.data()) joined += '\n';
    for (const std::string_view part : pieces_of(piece, '\t')) {
      if (part.data() != piece.data()) joined += '\t';
      joined += escaped(part);
    }
  }
  require(escaped_lines(text) == joined, "of lines each is escaped", text);
}

void check_table(std::string_view text) {
  for (const bool is_last : {false, true}) {
    std::string out = "before ";
    const std::size_t begin = out.size();
    append_text(out, text, is_last);
    const std::string_view added = std::string_view(out).substr(begin);
    require(is_utf8(added) && !has_control_characters(added), "a cell is a line", text);
    require(is_last || !added.contains(' '), "a cell is a word", text);
    fill_up(out, begin, 16, is_last ? Align::kLeft : Align::kRight, is_last);
    require(is_last || count_code_points(std::string_view(out).substr(begin)) >= 16,
            "a cell has its width", text);
  }
}

void check_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  require(is_utf8(out) && is_fit(out), "JSON is fit to be shown", text);
  const auto json = nlohmann::json::parse(out, nullptr, false);
  require(json.is_string(), "text is a string of JSON", text);
  if (is_utf8(text)) require(json.get<std::string>() == text, "JSON has all of a text", text);
  require(plain_json_length(text) <= text.size(), "what is plain is part of it", text);
}

/// What an XML parser makes of it.
std::string from_xml(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  std::string out;
  while (!text.empty()) {
    const auto* const entity = std::ranges::find_if(
        kEntities, [text](const auto& one) { return text.starts_with(one.first); });
    if (entity != std::end(kEntities)) {
      out += entity->second;
      text.remove_prefix(entity->first.size());
      continue;
    }
    require(!std::string_view("&<>\"'").contains(text.front()), "no markup of its own", text);
    require(!text.starts_with("\xef\xbf\xbe") && !text.starts_with("\xef\xbf\xbf"),
            "characters of XML alone", text);
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

void check_xml(std::string_view text) {
  const std::string out = xml_text(text);
  require(is_utf8(out) && !has_control_characters(out), "XML is fit to be shown", text);
  const std::string read = from_xml(out);
  const std::string line = escaped(text);
  if (!line.contains("\xef\xbf")) require(read == line, "XML says what a line says", text);
  for (const std::size_t most : {1, 8, 30}) {
    const std::string end = shortened(line, most);
    require(is_utf8(end) && count_code_points(end) <= most, "what is shortened is short", text);
    require(count_code_points(line) > most || end == line, "what is short stays", text);
  }
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  const std::string_view text = text_of(data, size);
  check_escaped(text);
  check_table(text);
  check_json(text);
  check_xml(text);
  return 0;
}
