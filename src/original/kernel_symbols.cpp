#include "original/kernel_symbols.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace disksnoop {
namespace {

template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Takes the next word of `line` away; empty at the end.
std::string_view take_word(std::string_view& line) {
  const auto is_space = [](char c) { return is_ascii_space(c); };
  const auto* begin = std::find_if_not(line.begin(), line.end(), is_space);
  const auto* end = std::find_if(begin, line.end(), is_space);
  line.remove_prefix(static_cast<std::size_t>(end - line.begin()));
  return {begin, end};
}

/// A stretch of kallsyms between two marker symbols, none of whose functions
/// can be probed. As in bcc, it is looked for once: after its end marker the
/// markers mean nothing any more.
class MarkedSection {
 public:
  MarkedSection(std::string_view begin, std::string_view end, bool end_alone_closes)
      : begin_(begin), end_(end), end_alone_closes_(end_alone_closes) {}

  /// True if `name` is a marker or lies between the two.
  bool covers(std::string_view name) {
    if (place_ == Place::kInside) {
      if (name == end_) place_ = Place::kAfter;
      return true;
    }
    if (place_ == Place::kAfter) return false;
    if (name == begin_) {
      place_ = Place::kInside;
      return true;
    }
    // __irqentry_text_end can come first when nothing lies between the two.
    if (end_alone_closes_ && name == end_) {
      place_ = Place::kAfter;
      return true;
    }
    return false;
  }

 private:
  enum class Place { kBefore, kInside, kAfter };
  std::string_view begin_;
  std::string_view end_;
  bool end_alone_closes_;
  Place place_ = Place::kBefore;
};

/// `.cold` or `.cold.N` at the end: gcc 8's cold parts.
bool is_cold_part(std::string_view name) {
  constexpr std::string_view kCold = ".cold";
  const std::size_t at = name.rfind(kCold);
  if (at == std::string_view::npos) return false;
  std::string_view tail = name.substr(at + kCold.size());
  if (tail.empty()) return true;
  if (tail.front() != '.' || tail.size() == 1) return false;
  tail.remove_prefix(1);
  return std::all_of(tail.begin(), tail.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_excluded_name(std::string_view name) {
  return name.starts_with("_kbl_addr_") || name.starts_with("__perf") ||
         name.starts_with("perf_") || name.starts_with("__SCT__") || is_cold_part(name);
}

bool is_function_type(std::string_view type) {
  return type == "t" || type == "T" || type == "w" || type == "W";
}

/// What kallsyms alone says. A name can stand there several times (static
/// functions of the same name): one probeable place is enough, as in bcc.
void read_kallsyms(std::string_view kallsyms, SymbolStates& states) {
  MarkedSection init("__init_begin", "__init_end", false);
  MarkedSection irq("__irqentry_text_start", "__irqentry_text_end", true);
  for_each_line(kallsyms, [&](std::string_view line) {
    take_word(line);  // the address
    const std::string_view type = take_word(line);
    const std::string_view name = take_word(line);
    const bool in_init = init.covers(name);
    const bool in_irq = !in_init && irq.covers(name);
    const auto wanted = states.find(name);
    if (wanted == states.end() || wanted->second == SymbolState::kProbeable) return;
    wanted->second = in_init                  ? SymbolState::kInitSection
                     : in_irq                 ? SymbolState::kIrqSection
                     : is_excluded_name(name) ? SymbolState::kExcludedName
                     : is_function_type(type) ? SymbolState::kProbeable
                                              : SymbolState::kNotFunction;
  });
}

/// Lines of kprobes/blacklist: "0xffffffff81a00930-0xffffffff81a00950\tname".
void apply_blacklist(std::string_view blacklist, SymbolStates& states) {
  for_each_line(blacklist, [&](std::string_view line) {
    take_word(line);
    const auto wanted = states.find(take_word(line));
    if (wanted != states.end() && wanted->second == SymbolState::kProbeable) {
      wanted->second = SymbolState::kBlacklisted;
    }
  });
}

/// Lines of available_filter_functions: "name" or "name [module]".
void apply_available_functions(std::string_view available, SymbolStates& states) {
  std::map<std::string_view, bool> listed;
  for (const auto& [name, state] : states) listed.emplace(name, false);
  for_each_line(available, [&](std::string_view line) {
    const auto found = listed.find(take_word(line));
    if (found != listed.end()) found->second = true;
  });
  for (auto& [name, state] : states) {
    if (state == SymbolState::kProbeable && !listed[name]) state = SymbolState::kNotTraceable;
  }
}

}  // namespace

std::string_view describe(SymbolState state) {
  switch (state) {
    case SymbolState::kProbeable:
      return "can be probed";
    case SymbolState::kAbsent:
      return "is not in /proc/kallsyms";
    case SymbolState::kNotFunction:
      return "is not a function";
    case SymbolState::kInitSection:
      return "is in the init section";
    case SymbolState::kIrqSection:
      return "is in the irqentry section";
    case SymbolState::kExcludedName:
      return "is of a kind that cannot be probed";
    case SymbolState::kBlacklisted:
      return "is in kprobes/blacklist";
    case SymbolState::kNotTraceable:
      return "is not in available_filter_functions (inlined or notrace)";
  }
  return "";
}

SymbolStates check_symbols(const SymbolFiles& files, std::span<const std::string_view> wanted) {
  SymbolStates states;
  const SymbolState initial = files.kallsyms                     ? SymbolState::kAbsent
                              : files.available_filter_functions ? SymbolState::kProbeable
                                                                 : SymbolState::kAbsent;
  for (const std::string_view name : wanted) states.emplace(name, initial);
  if (files.kallsyms) read_kallsyms(*files.kallsyms, states);
  if (files.blacklist) apply_blacklist(*files.blacklist, states);
  if (files.available_filter_functions) {
    apply_available_functions(*files.available_filter_functions, states);
  }
  return states;
}

}  // namespace disksnoop
