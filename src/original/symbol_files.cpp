#include "original/symbol_files.h"

namespace disksnoop {

SymbolFiles read_symbol_files(const Root& root, const std::filesystem::path& tracefs) {
  return {.kallsyms = read_file(root.at("/proc/kallsyms")),
          .blacklist = read_file(root.at("/sys/kernel/debug/kprobes/blacklist")),
          .available_filter_functions = read_file(tracefs / "available_filter_functions")};
}

bool has_kprobes(const Root& root, const std::optional<std::filesystem::path>& tracefs) {
  std::error_code ignored;
  return std::filesystem::exists(root.at("/sys/bus/event_source/devices/kprobe"), ignored) ||
         (tracefs && std::filesystem::exists(*tracefs / "kprobe_events", ignored));
}

}  // namespace disksnoop
