#include "render/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "render/clock_text.h"

namespace disksnoop {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

/// Nearly all text is plain, for which the library's way is long.
void append_string(std::string& out, std::string_view text) {
  if (!is_plain(text)) {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

/// Writes a value as machines read it.
struct ValueJson {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(std::uint64_t value) const { append_integer(value); }
  void operator()(std::int64_t value) const { append_integer(value); }
  void operator()(char value) const { append_string(out, {&value, 1}); }
  void operator()(std::string_view value) const { append_string(out, value); }
  void operator()(const Duration& value) const { append_integer(value.ns); }
  void operator()(const WallTime& value) const {
    out += '"';
    append_clock(out, value);
    out += '"';
  }

 private:
  template <class Integer>
  void append_integer(Integer value) const {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
  }
};

}  // namespace

const Columns& json_columns() {
  static const Columns columns = [] {
    Columns all = wide_columns();
    all.push_back(find_column("type"));
    return all;
  }();
  return columns;
}

JsonWriter::JsonWriter(const Columns& columns, TimeOrigin origin) : origin_(origin) {
  for (const Column* column : columns) {
    members_.push_back(
        {column, fmt::format("{}\"{}\":", members_.empty() ? '{' : ',', column->key)});
  }
}

void JsonWriter::append(std::string& out, const Request& request) {
  if (!origin_) origin_ = request.completed_ns;
  for (const Member& member : members_) {
    out += member.before;
    std::visit(ValueJson{out}, member.column->value(request, origin_.value_or(0)));
  }
  out += "}\n";
}

}  // namespace disksnoop
