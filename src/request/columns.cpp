#include "request/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <type_traits>

namespace disksnoop {
namespace {

constexpr std::int64_t kMostNs = std::numeric_limits<std::int64_t>::max();

/// A number of a request, whatever its size.
template <auto kMember>
Value number(const Request& request, std::int64_t /*first_ns*/) {
  const auto& value = request.*kMember;
  return value ? Value(std::uint64_t{*value}) : Value();
}

template <auto kMember>
bool set_number(Request& request, const Value& value) {
  using Number = typename std::remove_reference_t<decltype(request.*kMember)>::value_type;
  auto& member = request.*kMember;
  member.reset();
  if (std::holds_alternative<std::monostate>(value)) return true;
  const auto* number = std::get_if<std::uint64_t>(&value);
  if (number == nullptr || *number > std::uint64_t{std::numeric_limits<Number>::max()})
    return false;
  member = static_cast<Number>(*number);
  return true;
}

template <auto kMember>
Value milliseconds(const Request& request, std::int64_t /*first_ns*/) {
  const auto& ns = request.*kMember;
  if (!ns || *ns > std::uint64_t{kMostNs}) return {};
  return Duration{static_cast<std::int64_t>(*ns), Duration::Unit::kMilliseconds};
}

template <auto kMember>
Value text(const Request& request, std::int64_t /*first_ns*/) {
  const std::string_view value = request.*kMember;
  return value.empty() ? Value() : Value(value);
}

template <auto kMember>
bool set_text(Request& request, const Value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  request.*kMember = text != nullptr ? *text : "";
  return text != nullptr || std::holds_alternative<std::monostate>(value);
}

Value time(const Request& request, std::int64_t first_ns) {
  if (!request.completed_ns) return {};
  return Duration{*request.completed_ns - first_ns, Duration::Unit::kSeconds};
}

bool set_time(Request& request, const Value& value) {
  request.completed_ns.reset();
  if (std::holds_alternative<std::monostate>(value)) return true;
  if (const auto* ns = std::get_if<std::int64_t>(&value)) {
    request.completed_ns = *ns;
    return true;
  }
  const auto* ns = std::get_if<std::uint64_t>(&value);
  if (ns == nullptr || *ns > std::uint64_t{kMostNs}) return false;
  request.completed_ns = static_cast<std::int64_t>(*ns);
  return true;
}

Value clock(const Request& request, std::int64_t /*first_ns*/) {
  return request.clock ? Value(*request.clock) : Value();
}

bool set_clock(Request& request, const Value& value) {
  const auto* moment = std::get_if<WallTime>(&value);
  request.clock = moment != nullptr ? std::optional(*moment) : std::nullopt;
  return moment != nullptr || std::holds_alternative<std::monostate>(value);
}

/// Text that is one of some letters.
const char* letter_among(const Value& value, std::string_view letters) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr || text->size() != 1 || !letters.contains(text->front())) return nullptr;
  return text->data();
}

Value type(const Request& request, std::int64_t /*first_ns*/) {
  return request.type != '\0' ? Value(request.type) : Value();
}

bool set_type(Request& request, const Value& value) {
  const char* letter = letter_among(value, "WRM");
  request.type = letter != nullptr ? *letter : '\0';
  return letter != nullptr || std::holds_alternative<std::monostate>(value);
}

Value operation(const Request& request, std::int64_t /*first_ns*/) {
  return request.operation ? Value(request.operation->letters()) : Value();
}

bool set_operation(Request& request, const Value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  request.operation = text != nullptr ? parse_operation(*text) : std::nullopt;
  return request.operation || std::holds_alternative<std::monostate>(value);
}

Value pattern(const Request& request, std::int64_t /*first_ns*/) {
  if (!request.is_sequential) return {};
  return *request.is_sequential ? 'S' : 'R';
}

bool set_pattern(Request& request, const Value& value) {
  const char* letter = letter_among(value, "SR");
  request.is_sequential = letter != nullptr ? std::optional(*letter == 'S') : std::nullopt;
  return letter != nullptr || std::holds_alternative<std::monostate>(value);
}

// What docs/columns.md says of each is checked against this table.
constexpr std::array kColumns = {
    Column{"time", "TIME(s)", "time_ns", 18, Align::kLeft, time, set_time},
    Column{"clock", "CLOCK", "clock", 32, Align::kLeft, clock, set_clock},
    Column{"type", "T", "type", 2, Align::kLeft, type, set_type},
    Column{"op", "OP", "op", 4, Align::kLeft, operation, set_operation},
    Column{"bytes", "BYTES", "bytes", 8, Align::kRight, number<&Request::bytes>,
           set_number<&Request::bytes>},
    Column{"latency", "LAT(ms)", "latency_ns", 9, Align::kRight, milliseconds<&Request::latency_ns>,
           set_number<&Request::latency_ns>},
    Column{"queue", "QUE(ms)", "queue_ns", 9, Align::kRight, milliseconds<&Request::queue_ns>,
           set_number<&Request::queue_ns>},
    Column{"disk", "DISK", "disk", 8, Align::kLeft, text<&Request::disk>, set_text<&Request::disk>},
    Column{"partition", "PART", "partition", 10, Align::kLeft, text<&Request::partition>,
           set_text<&Request::partition>},
    Column{"sector", "SECTOR", "sector", 11, Align::kRight, number<&Request::sector>,
           set_number<&Request::sector>},
    Column{"pid", "PID", "pid", 7, Align::kRight, number<&Request::pid>, set_number<&Request::pid>},
    Column{"comm", "COMM", "comm", 16, Align::kLeft, text<&Request::comm>,
           set_text<&Request::comm>},
    Column{"cgroup", "CGROUP", "cgroup", 24, Align::kLeft, text<&Request::cgroup>,
           set_text<&Request::cgroup>},
    Column{"file", "FILE", "file", 24, Align::kLeft, text<&Request::file>,
           set_text<&Request::file>},
    Column{"pattern", "P", "pattern", 1, Align::kLeft, pattern, set_pattern},
    Column{"error", "ERR", "error", 12, Align::kLeft, text<&Request::error>,
           set_text<&Request::error>},
};

/// How many letters have to change to make one name the other (Levenshtein).
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (const char letter : from) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t changed = diagonal + (letter == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

Error no_column(std::string_view name) {
  const auto nearest = std::ranges::min_element(
      kColumns, {}, [name](const Column& column) { return distance(name, column.name); });
  std::string names;
  for (const Column& column : kColumns) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
  }
  // With half of its letters changed it is no slip of the finger any more.
  const bool is_near = 2 * distance(name, nearest->name) <= name.size();
  return {fmt::format("there is no column '{}'{}; there are {}", name,
                      is_near ? fmt::format(" (did you mean {}?)", nearest->name) : "", names)};
}

Columns columns_of(std::string_view list) { return *parse_columns(list); }

}  // namespace

const Columns& usual_columns() {
  static const Columns columns = columns_of("time,type,bytes,latency");
  return columns;
}

const Columns& wide_columns() {
  static const Columns columns =
      columns_of("clock,comm,pid,disk,op,sector,bytes,queue,latency,file");
  return columns;
}

const Columns& all_columns() {
  static const Columns columns = [] {
    Columns all;
    for (const Column& column : kColumns) all.push_back(&column);
    return all;
  }();
  return columns;
}

const Column* find_column(std::string_view name) {
  const auto found = std::ranges::find(kColumns, name, &Column::name);
  return found == kColumns.end() ? nullptr : &*found;
}

Result<Columns> parse_columns(std::string_view list) {
  Columns columns;
  if (list.starts_with('+')) {
    columns = usual_columns();
    list.remove_prefix(1);
  }
  while (true) {
    const std::string_view name = list.substr(0, list.find(','));
    const Column* const column = find_column(name);
    if (column == nullptr) return std::unexpected(no_column(name));
    if (std::ranges::find(columns, column) != columns.end()) {
      return fail(fmt::format("the column {} is there twice", name));
    }
    columns.push_back(column);
    if (name.size() == list.size()) return columns;
    list.remove_prefix(name.size() + 1);
  }
}

}  // namespace disksnoop
