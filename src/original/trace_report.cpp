#include "original/trace_report.h"

#include <fmt/format.h>

namespace disksnoop {
namespace {

/// " (HINT; HINT)"; nothing where there is none.
std::string hints_on(const std::set<UnreadKind>& all) {
  // Whatever the other lines look like in a compressed stream, they are by chance.
  const bool compressed = all.contains(UnreadKind::kCompressed);
  const std::set<UnreadKind> kinds = compressed ? std::set{UnreadKind::kCompressed} : all;
  std::string hints;
  for (const UnreadKind kind : kinds) {
    const std::string_view hint = hint_on(kind);
    if (!hint.empty()) hints += fmt::format("{}{}", hints.empty() ? "" : "; ", hint);
  }
  return hints.empty() ? "" : fmt::format(" ({})", hints);
}

}  // namespace

void report_losses(const StreamCounts& counts, const Log& log) {
  if (counts == StreamCounts()) return;
  std::string text = fmt::format("{} foreign lines skipped, {} events lost", counts.foreign_lines,
                                 counts.lost_events);
  if (counts.losses_unknown != 0) {
    text += fmt::format(", and {} times an unknown number of them", counts.losses_unknown);
  }
  if (counts.unread_lines != 0) {
    text += fmt::format(", {} lines with another header skipped", counts.unread_lines);
  }
  text += hints_on(counts.unread_kinds);
  log.info(text);
}

}  // namespace disksnoop
