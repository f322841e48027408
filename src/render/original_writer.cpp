#include "render/original_writer.h"

#include <fmt/format.h>

namespace disksnoop {

void OriginalWriter::append(std::string& out, const Request& request) {
  const std::int64_t completed_ns = request.completed_ns.value_or(0);
  if (!origin_) origin_ = completed_ns;
  const fmt::format_int bytes(request.bytes.value_or(0));
  const OriginalRow row{
      .time_s = static_cast<double>(completed_ns) / 1e9,
      .elapsed_s = static_cast<double>(completed_ns - *origin_) / 1e9,
      .bytes = {bytes.data(), bytes.size()},
      .write = request.type == 'W',
      .latency_ms = static_cast<double>(request.latency_ns.value_or(0)) / 1e6,
  };
  append_original_row(out, row, dialect_);
}

}  // namespace disksnoop
