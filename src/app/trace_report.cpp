#include "app/trace_report.h"

#include <fmt/format.h>

namespace disksnoop {

void report_losses(const TracePipe& source, const Log& log) {
  if (source.foreign_lines() == 0 && source.lost_events() == 0) return;
  log.info(fmt::format("{} foreign lines skipped, {} events lost", source.foreign_lines(),
                       source.lost_events()));
}

}  // namespace disksnoop
