// A recording in JSON: what is read again is what was read, and can be shown.
#include "app/json_rows.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "render/json_writer.h"
#include "render/table_writer.h"

namespace disksnoop {
namespace {

std::string json_of(const Request& request, const Columns& columns) {
  std::string text;
  JsonWriter(columns, 0).append(text, request);
  return text;
}

std::string row_of(const Request& request, const Columns& columns) {
  std::string row;
  TableWriter(columns, 0).append(row, request);
  require(row.ends_with('\n'), "a row of the table is a line", row);
  row.pop_back();
  require(is_fit(row), "a row of the table is fit to be shown", row);
  return row;
}

void check_shown(const Request& request) {
  Columns columns = all_columns();
  row_of(request, columns);
  // What others wrote keeps its blanks in the last column: the first is a number.
  std::ranges::reverse(columns);
  const std::string row = row_of(request, columns);
  std::vector<std::string_view> words(columns.size());
  require(split_bytes(row, words), "a row has as many words as columns", row);
}

/// `reader` has read `request` just now.
void check_row(const Request& request, const JsonReader& reader) {
  const Columns& columns = reader.columns();
  require(!columns.empty(), "a row has columns");
  const std::string text = json_of(request, columns);
  require(is_fit(std::string_view(text).substr(0, text.size() - 1)), "JSON is fit to be shown",
          text);
  require(nlohmann::json::accept(text), "what is written is JSON", text);
  JsonReader again;
  const auto second = again.read(text);
  require(second.has_value(), "what is written can be read", text);
  require(again.columns() == columns, "the columns stay", text);
  require(json_of(*second, columns) == text, "the values stay", text);
  check_shown(request);
}

/// How many of these lines are rows. A reader that has read others reads each as a new one does.
std::uint64_t check_lines(const std::vector<std::string_view>& lines) {
  std::uint64_t rows = 0;
  JsonReader used;
  for (const std::string_view line : lines) {
    JsonReader fresh;
    const auto request = fresh.read(line);
    for (int times = 0; times < 2; ++times) {
      const auto same = used.read(line);
      require(same.has_value() == request.has_value(), "it is the same row after others", line);
      if (!same) continue;
      require(used.columns() == fresh.columns(), "it has the same columns after others", line);
      require(json_of(*same, all_columns()) == json_of(*request, all_columns()),
              "it has the same values after others", line);
    }
    if (!request) continue;
    ++rows;
    check_row(*request, fresh);
  }
  return rows;
}

/// The same by the source of the replay.
std::uint64_t rows_of_source(std::string_view text) {
  std::uint64_t rows = 0;
  std::uint64_t begun = 0;
  JsonRows source(
      UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), text,
      [&](const Columns&) -> Result<void> {
        ++begun;
        return {};
      },
      [&](const Request& request) {
        ++rows;
        check_shown(request);
        return true;
      });
  while (true) {
    const auto drained = source.drain();
    require(drained.has_value(), "a recording can be read");
    if (drained->state == EventSource::State::kEnded) break;
  }
  require(begun == 1, "it begins once");
  return rows;
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  const std::string_view text = text_of(data, size);
  const std::uint64_t rows = check_lines(pieces_of(text, '\n'));
  // It makes room for much more than this: of one input in eight.
  if (size % 8 != 0) return 0;
  require(rows_of_source(text) == rows, "the recording has as many rows as lines that are", text);
  return 0;
}
