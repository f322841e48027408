#include "app/log.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "core/escape.h"

namespace disksnoop {
namespace {

/// Whether it can be written is not asked: there is nowhere left to say so,
/// and a closed stderr must not end the run.
void write(const std::string& text) { std::fputs(text.c_str(), stderr); }

}  // namespace

void Log::error(std::string_view text) const {
  write(fmt::format("disksnoop: error: {}\n", escaped(text)));
}

void Log::warning(std::string_view text) const {
  write(fmt::format("disksnoop: warning: {}\n", escaped(text)));
}

void Log::info(std::string_view text) const {
  write(fmt::format("disksnoop: {}\n", escaped(text)));
}

void Log::detail(std::string_view text) const {
  if (verbose_) info(text);
}

void Log::foreign_text(std::string_view text) const {
  if (!verbose_ || text.empty()) return;
  write(fmt::format("{}{}", escaped_lines(text), text.ends_with('\n') ? "" : "\n"));
}

}  // namespace disksnoop
