#include "app/log.h"

#include <fmt/format.h>

#include <cstdio>

namespace disksnoop {

void Log::error(std::string_view text) const { fmt::print(stderr, "disksnoop: error: {}\n", text); }

void Log::warning(std::string_view text) const {
  fmt::print(stderr, "disksnoop: warning: {}\n", text);
}

void Log::info(std::string_view text) const { fmt::print(stderr, "disksnoop: {}\n", text); }

void Log::detail(std::string_view text) const {
  if (verbose_) info(text);
}

void Log::foreign_text(std::string_view text) const {
  if (!verbose_ || text.empty()) return;
  fmt::print(stderr, "{}{}", text, text.ends_with('\n') ? "" : "\n");
}

}  // namespace disksnoop
