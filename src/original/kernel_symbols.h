// Which kernel functions can carry a kprobe, from the kernel's symbol files.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

/// The text of the three files, each as it was read or why it could not be.
struct SymbolFiles {
  Result<std::string> kallsyms;                    ///< /proc/kallsyms
  Result<std::string> blacklist;                   ///< debugfs: kprobes/blacklist
  Result<std::string> available_filter_functions;  ///< in tracefs
};

enum class SymbolState {
  kProbeable,
  kAbsent,        ///< not in kallsyms
  kNotFunction,   ///< in kallsyms, but neither of type t nor of type w
  kInitSection,   ///< between __init_begin and __init_end: gone after boot
  kIrqSection,    ///< between __irqentry_text_start and __irqentry_text_end
  kExcludedName,  ///< _kbl_addr_, __perf, perf_, __SCT__, .cold: not attachable
  kBlacklisted,   ///< in kprobes/blacklist
  kNotTraceable,  ///< not in available_filter_functions: inlined or notrace
};

/// Why a kprobe can or cannot be set, as the end of a sentence whose subject
/// is the symbol: "is not in /proc/kallsyms".
std::string_view describe(SymbolState state);

using SymbolStates = std::map<std::string, SymbolState, std::less<>>;

/// The state of each wanted symbol, by the rules of bcc's
/// BPF.get_kprobe_functions (src/python/bcc/__init__.py, 0.37), matched as
/// whole names. A file that could not be read decides nothing: without
/// kallsyms a name is taken for a function if available_filter_functions has
/// it. The caller says which files are missing (see probe_plan.h).
SymbolStates check_symbols(const SymbolFiles& files, std::span<const std::string_view> wanted);

}  // namespace disksnoop
