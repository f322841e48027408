#include "render/check_json.h"

#include <nlohmann/json.hpp>

#include "render/json_text.h"

namespace disksnoop {
namespace {

using Json = nlohmann::ordered_json;

template <class Text>
Json text_or_null(const std::optional<Text>& text) {
  return text ? Json(*text) : Json();
}

Json word_of(Mark mark) {
  switch (mark) {
    case Mark::kOk:
      return "ok";
    case Mark::kWarn:
      return "warn";
    case Mark::kMissing:
      return "missing";
    case Mark::kUnknown:
      break;
  }
  return nullptr;
}

Json json_of(const Finding& finding) {
  return {{"subject", finding.subject},
          {"mark", word_of(finding.mark)},
          {"fact", finding.fact},
          {"way_out", finding.way_out.empty() ? Json() : Json(finding.way_out)}};
}

Json json_of(const ColumnFinding& column) {
  return {{"name", column.name}, {"missing", text_or_null(column.missing)}};
}

Json json_of(const DeviceFinding& device) {
  return {{"name", device.name}, {"has_requests", device.has_requests}, {"below", device.below}};
}

template <class Items>
Json array_of(const Items& items) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(json_of(item));
  return array;
}

}  // namespace

void append_check_json(std::string& out, const CheckReport& report) {
  append_json(out, Json({{"works", report.engine.has_value()},
                         {"engine", text_or_null(report.engine)},
                         {"command", text_or_null(report.command)},
                         {"findings", array_of(report.findings)},
                         {"columns", array_of(report.columns)},
                         {"devices", array_of(report.devices)}}));
  out += '\n';
}

}  // namespace disksnoop
