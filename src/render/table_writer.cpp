#include "render/table_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/fixed_text.h"
#include "base/text.h"
#include "render/clock_text.h"

namespace disksnoop {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

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

/// Fills up what stands in `out` from `begin` on.
void align(std::string& out, std::size_t begin, const Column& column, bool is_last) {
  const std::size_t length = count_code_points(std::string_view(out).substr(begin));
  if (length >= column.width) return;
  const std::size_t blanks = column.width - length;
  if (column.align == Align::kRight) {
    out.insert(begin, blanks, ' ');
  } else if (!is_last) {
    out.append(blanks, ' ');
  }
}

}  // namespace

std::string TableWriter::header() const {
  std::string out;
  for (const Column* column : columns_) {
    const bool is_last = column == columns_.back();
    const std::size_t begin = out.size();
    out += column->header;
    align(out, begin, *column, is_last);
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
    align(out, begin, *column, is_last);
    out += is_last ? '\n' : ' ';
  }
}

}  // namespace disksnoop
