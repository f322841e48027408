#include "render/table_writer.h"

#include <fmt/format.h>

#include "base/fixed_text.h"
#include "render/clock_text.h"
#include "render/table_text.h"

namespace disksnoop {
namespace {

/// Writes a value as people read it.
struct ValueText {
  std::string& out;
  bool is_last;

  void operator()(std::monostate) const { out += '-'; }
  void operator()(std::uint64_t value) const { append_integer(value); }
  void operator()(std::int64_t value) const { append_integer(value); }
  void operator()(char value) const { out += value; }
  void operator()(std::string_view value) const { append_text(out, value, is_last); }
  void operator()(const WallTime& value) const { append_clock(out, value); }
  void operator()(const Duration& value) const {
    const auto ns = static_cast<double>(value.ns);
    if (value.unit == Duration::Unit::kSeconds) {
      out += FixedText<9>(ns / 1e9).view();
    } else {
      out += FixedText<2>(ns / 1e6).view();
    }
  }

 private:
  template <class Integer>
  void append_integer(Integer value) const {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
  }
};

}  // namespace

std::string TableWriter::header() const {
  std::string out;
  for (const Column* column : columns_) {
    const bool is_last = column == columns_.back();
    const std::size_t begin = out.size();
    out += column->header;
    fill_up(out, begin, column->width, column->align, is_last);
    out += is_last ? '\n' : ' ';
  }
  return out;
}

void TableWriter::append(std::string& out, const Request& request) {
  if (!origin_) origin_ = request.completed_ns;
  for (const Column* column : columns_) {
    const bool is_last = column == columns_.back();
    const std::size_t begin = out.size();
    std::visit(ValueText{out, is_last}, column->value(request, origin_.value_or(0)));
    fill_up(out, begin, column->width, column->align, is_last);
    out += is_last ? '\n' : ' ';
  }
}

}  // namespace disksnoop
