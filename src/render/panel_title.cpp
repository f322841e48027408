#include "render/panel_title.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "render/xml_text.h"

namespace disksnoop {
namespace {

std::string text_of(const SummaryValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return escaped(*text);
  return "-";
}

/// Shortens the longest texts until all of them fit.
void shorten(std::vector<std::string>& texts) {
  constexpr std::size_t kFewest = 12;
  std::size_t length = texts.size();  // with the blanks between them
  for (const std::string& text : texts) length += count_code_points(text);
  while (length > kMostOfTitle) {
    const auto longest = std::ranges::max_element(texts, {}, count_code_points);
    const std::size_t had = count_code_points(*longest);
    if (had <= kFewest) return;
    const std::size_t excess = length - kMostOfTitle;
    const std::size_t keeps = had > excess + kFewest ? had - excess : kFewest;
    *longest = shortened(*longest, keeps);
    length -= had - keeps;
  }
}

}  // namespace

PanelTitle panel_title(const SummaryKey& key, const Columns& keys) {
  PanelTitle title;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < key.size(); ++i) {
    texts.push_back(text_of(key[i]));
    const std::string_view name = i < keys.size() ? keys[i]->name : "";
    title.whole += fmt::format("{}{}: {}", i == 0 ? "" : ", ", name, xml_text(texts.back()));
  }
  shorten(texts);
  for (const std::string& text : texts) {
    title.shown += fmt::format("{}{}", title.shown.empty() ? "" : " ", xml_text(text));
  }
  return title;
}

PanelTitle others_title(const SummaryTop& top) {
  std::string text = "other";
  if (top.other_lines != 0) {
    text += fmt::format(", {} {}", top.other_lines, top.other_lines == 1 ? "line" : "lines");
  }
  return {text, text};
}

}  // namespace disksnoop
