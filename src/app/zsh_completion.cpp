#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/completion.h"
#include "app/shell_text.h"

namespace disksnoop {
namespace {

constexpr std::string_view kFunctions = R"(#compdef disksnoop
# What disksnoop --completion zsh prints.

# Of a list, the words that it does not have yet.
_disksnoop_list() {
  compset -P '+'
  local -a before=("${(@s:,:)PREFIX}")
  before[-1]=()
  compset -P '*,'
  compadd -q -S , -- "${(@)@:|before}"
}

_disksnoop_disks() {
  if [[ $PREFIX == /* ]]; then
    _files
  else
    compadd -- /sys/class/block/*(N:t)
  fi
}

_disksnoop_processes() { compadd -- /proc/<->(N:t) }

_disksnoop_names() {
  local -aU names=("${(@f)$(cat /proc/<->/comm(N) 2>/dev/null)}")
  compadd -a names
}

_disksnoop_cgroups() {
  if [[ $PREFIX == /sys/fs/cgroup/* ]]; then
    _files -/
  else
    compadd -S '' -- /sys/fs/cgroup/
  fi
}

_disksnoop() {
  _arguments -s -S : \
)";

constexpr std::string_view kEnd = R"(}

# Read by source as well as from a directory of $fpath.
if [[ $funcstack[1] == _disksnoop ]]; then
  _disksnoop "$@"
else
  compdef _disksnoop disksnoop
fi
)";

/// As a part of a specification of _arguments, where a colon and brackets have a meaning.
std::string specified(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// What completes the value of an option. A blank before it: called with these words alone.
std::string action_of(const CompletedOption& option) {
  if (option.value == "DISK") return " _disksnoop_disks";
  if (option.value == "PID") return " _disksnoop_processes";
  if (option.value == "NAME") return " _disksnoop_names";
  if (option.value == "PATH") return " _disksnoop_cgroups";
  if (option.value == "FILE") return "_files";
  const std::string words = quoted_words(option.words, posix_quoted);
  if (option.value == "LIST") return " _disksnoop_list " + words;
  return option.words.empty() ? " " : fmt::format("({})", words);
}

/// "--engine=": its value is the next word, or after the =. "-e+": the next word, or in the same.
std::string taking_value(const std::string& name, bool takes) {
  if (!takes) return name;
  return name + (name.starts_with("--") ? "=" : "+");
}

}  // namespace

std::string zsh_completion(const std::vector<CompletedOption>& options) {
  std::vector<std::string> lines;
  for (const CompletedOption& option : options) {
    for (const std::string& name : option.names) {
      const bool takes = !option.value.empty();
      const std::string others =
          option.repeats ? "*" : fmt::format("({})", fmt::join(option.names, " "));
      std::string line =
          fmt::format("{}{}[{}]", others, taking_value(name, takes), specified(option.help));
      if (takes) line += fmt::format(":{}:{}", specified(option.value), action_of(option));
      lines.push_back("    " + posix_quoted(line));
    }
  }
  return fmt::format("{}{}\n{}", kFunctions, fmt::join(lines, " \\\n"), kEnd);
}

}  // namespace disksnoop
