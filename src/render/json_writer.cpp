#include "render/json_writer.h"

#include <fmt/format.h>

#include "render/clock_text.h"
#include "render/json_text.h"

namespace disksnoop {
namespace {

/// Writes a value as machines read it.
struct ValueJson {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(std::uint64_t value) const { append_integer(value); }
  void operator()(std::int64_t value) const { append_integer(value); }
  void operator()(char value) const { append_json_string(out, {&value, 1}); }
  void operator()(std::string_view value) const { append_json_string(out, value); }
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

std::string json_key(const Column& column, bool is_first) {
  return fmt::format("{}\"{}\":", is_first ? '{' : ',', column.key);
}

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
    members_.push_back({column, json_key(*column, members_.empty())});
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
