#include "app/trace_report.h"

#include <fmt/format.h>

namespace disksnoop {

void report_losses(const StreamCounts& counts, const Log& log) {
  if (counts == StreamCounts()) return;
  std::string text = fmt::format("{} foreign lines skipped, {} events lost", counts.foreign_lines,
                                 counts.lost_events);
  if (counts.losses_unknown != 0) {
    text += fmt::format(", and {} times an unknown number of them", counts.losses_unknown);
  }
  if (counts.unread_lines != 0) {
    text += fmt::format(", {} lines with another header skipped (is options/record-tgid on?)",
                        counts.unread_lines);
  }
  log.info(text);
}

}  // namespace disksnoop
