#include "render/format.h"

#include "render/check_json.h"
#include "render/check_table.h"
#include "render/json_writer.h"
#include "render/original_writer.h"
#include "render/summary_json.h"
#include "render/summary_table.h"
#include "render/table_writer.h"

namespace disksnoop {
namespace {

template <class Writer>
std::unique_ptr<RowWriter> writer_of(const Columns& columns, TimeOrigin origin) {
  return std::make_unique<Writer>(columns, origin);
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"table", "as disksnoop.py", Dialect::kSeed, usual_columns, writer_of<TableWriter>,
       append_summary_table, append_check_table},
      {"bcc", "as bcc's own disksnoop.py", Dialect::kBcc, usual_columns, nullptr, nullptr, nullptr},
      {"json", "an object a line", std::nullopt, json_columns, writer_of<JsonWriter>,
       [](std::string& out, const SummaryReport& report, const SummaryLook& look,
          std::size_t /*width*/) { append_summary_json(out, report, look); },
       append_check_json},
  };
  return all;
}

std::unique_ptr<RowWriter> make_row_writer(const Format& format,
                                           const std::optional<Columns>& columns,
                                           TimeOrigin origin) {
  if (!columns && format.dialect) return std::make_unique<OriginalWriter>(*format.dialect, origin);
  return format.writer(columns ? *columns : format.columns(), origin);
}

}  // namespace disksnoop
