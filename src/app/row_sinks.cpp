#include "app/row_sinks.h"

#include <unistd.h>

#include "base/escape.h"
#include "original/original_request.h"

namespace disksnoop {
namespace {

std::unique_ptr<RowWriter> writer_for(const Options& options, const std::optional<Columns>& usual,
                                      TimeOrigin origin) {
  const bool has_own = options.columns || options.format->dialect;
  return make_row_writer(*options.format, has_own ? options.columns : usual, origin);
}

}  // namespace

Rows::Rows(const Options& options, const std::optional<Columns>& usual, TimeOrigin origin)
    : writer(writer_for(options, usual, origin)),
      printer(Output(STDOUT_FILENO), writer->header(), options.count) {
  if (!options.columns) dialect_ = options.format->dialect;
}

RequestSink Rows::request_sink() {
  return [this](const Request& request) {
    if (!filter.takes(request)) return true;
    return printer.add([&](std::string& out) { writer->append(out, request); });
  };
}

OriginalRowSink Rows::original_sink() {
  if (!dialect_) {
    return [to = request_sink()](const OriginalRow& row) { return to(request_of(row)); };
  }
  if (!printer.output().is_terminal()) {
    return [this](const OriginalRow& row) {
      if (filter.is_set() && !filter.takes(request_of(row))) return true;
      return printer.add([&](std::string& out) { append_original_row(out, row, *dialect_); });
    };
  }
  return [this](const OriginalRow& row) {
    if (filter.is_set() && !filter.takes(request_of(row))) return true;
    const std::string bytes = escaped(row.bytes);
    OriginalRow shown = row;
    shown.bytes = bytes;
    return printer.add([&](std::string& out) { append_original_row(out, shown, *dialect_); });
  };
}

}  // namespace disksnoop
