#include "original/trace_options.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "system/files.h"

namespace disksnoop {
namespace {

/// A file that holds 0 or 1, and what comes of it where it holds the other.
struct Switch {
  std::string_view file;
  char wanted;
  std::string_view otherwise;
};

constexpr std::string_view kNoRow = "its lines cannot be read as rows";

// Tried one by one on Linux 6.18; the others change nothing in a line.
constexpr std::array<Switch, 10> kSwitches = {{
    {"tracing_on", '1', "no rows will come"},
    {"options/context-info", '1', kNoRow},
    {"options/irq-info", '1', kNoRow},
    {"options/record-tgid", '0', kNoRow},
    {"options/latency-format", '0', kNoRow},
    {"options/raw", '0', kNoRow},
    {"options/hex", '0', kNoRow},
    {"options/bin", '0', kNoRow},
    {"options/blk_classic", '0', kNoRow},
    {"options/fields", '0', "BYTES is no number"},
}};

}  // namespace

std::vector<std::string> trace_hindrances(const std::filesystem::path& tracefs) {
  std::vector<std::string> lines;
  for (const Switch& one : kSwitches) {
    const std::filesystem::path path = tracefs / one.file;
    const auto text = read_file(path);
    const char unwanted = one.wanted == '1' ? '0' : '1';
    if (!text || !text->starts_with(unwanted)) continue;
    lines.push_back(fmt::format("{} is {}, so {}: echo {} > {}", one.file,
                                unwanted == '0' ? "off" : "on", one.otherwise, one.wanted,
                                path.string()));
  }
  return lines;
}

}  // namespace disksnoop
