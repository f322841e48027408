#include "render/check_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"

namespace disksnoop {
namespace {

std::string_view word_of(Mark mark) {
  switch (mark) {
    case Mark::kOk:
      return "ok";
    case Mark::kWarn:
      return "warn";
    case Mark::kMissing:
      return "no";
    case Mark::kUnknown:
      break;
  }
  return "-";
}

}  // namespace

void append_check_table(std::string& out, const CheckReport& report) {
  std::size_t width = 0;
  for (const Finding& finding : report.findings) width = std::max(width, finding.subject.size());
  for (const Finding& finding : report.findings) {
    out += fmt::format("{:<5} {:<{}}  {}\n", word_of(finding.mark), finding.subject, width,
                       escaped(finding.fact));
    if (finding.way_out.empty()) continue;
    out += fmt::format("{:<5} {:<{}}  -> {}\n", "", "", width, escaped(finding.way_out));
  }
  out += fmt::format("\nuse: {}\n", report.command.value_or("-"));
}

}  // namespace disksnoop
