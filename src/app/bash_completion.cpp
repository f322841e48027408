#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/completion.h"
#include "app/shell_text.h"

namespace disksnoop {
namespace {

/// It needs nothing of the package bash-completion. bash parts words at the = and : of
/// COMP_WORDBREAKS, and replaces only what is after the last of them.
constexpr std::string_view kFunctions = R"(# What disksnoop --completion bash prints.

# _disksnoop_offer PREFIX SO_FAR WORD...: the words that begin with what there is so far. Nothing
# is expanded: names of processes are text of others.
_disksnoop_offer() {
    local prefix=$1 so_far=$2 word quoted
    shift 2
    for word; do
        printf -v quoted %q "$word"
        if [[ $quoted == "$so_far"* ]]; then COMPREPLY+=("$prefix$quoted"); fi
    done
}

# _disksnoop_list PREFIX SO_FAR WORD...: of a list, the words that it does not have yet.
_disksnoop_list() {
    local prefix=$1 so_far=$2 before word left=()
    shift 2
    compopt -o nospace 2>/dev/null
    before=${so_far%"${so_far##*[,+]}"}
    for word; do
        if [[ ",${before#+}" != *",$word,"* ]]; then left+=("$word"); fi
    done
    _disksnoop_offer "$prefix$before" "${so_far#"$before"}" "${left[@]}"
}

# The rest of what there can be: PREFIX SO_FAR.
_disksnoop_files() { compopt -o default 2>/dev/null; }

_disksnoop_disks() {
    local names=(/sys/class/block/*)
    if [[ $2 == /* ]]; then
        _disksnoop_files
    else
        _disksnoop_offer "$@" "${names[@]##*/}"
    fi
}

_disksnoop_processes() {
    local directories=(/proc/[0-9]*)
    _disksnoop_offer "$@" "${directories[@]##*/}"
}

_disksnoop_names() {
    local file name names=()
    for file in /proc/[0-9]*/comm; do
        if { IFS= read -r name <"$file"; } 2>/dev/null; then names+=("$name"); fi
    done
    _disksnoop_offer "$@" "${names[@]}"
}

_disksnoop_cgroups() {
    compopt -o nospace 2>/dev/null
    _disksnoop_offer "$@" /sys/fs/cgroup/
    if [[ $2 == /sys/fs/cgroup/* ]]; then
        COMPREPLY=()
        compopt -o dirnames 2>/dev/null
    fi
}

_disksnoop() {
    local at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} breaks=${COMP_WORDBREAKS//[^=:]/}
    local option prefix value there reply
    COMPREPLY=()
    while ((at > 1)) && [[ ${COMP_WORDS[at]} == [=:]* || ${COMP_WORDS[at - 1]} == *[=:] ]]; do
        word=${COMP_WORDS[--at]}$word
    done
    option=${COMP_WORDS[at - 1]} prefix='' value=$word
    if [[ $word == --*=* ]]; then
        option=${word%%=*} prefix=${word%%=*}= value=${word#*=}
    fi
    case $option in
)";

constexpr std::string_view kEnd = R"(    esac
    if [[ $breaks ]]; then
        there=${word%"${word##*[$breaks]}"}
        for reply in "${!COMPREPLY[@]}"; do COMPREPLY[reply]=${COMPREPLY[reply]#"$there"}; done
    fi
}

complete -F _disksnoop disksnoop
)";

/// What completes the value of an option; empty: nothing does.
std::string function_of(const CompletedOption& option) {
  if (option.value == "DISK") return "_disksnoop_disks";
  if (option.value == "PID") return "_disksnoop_processes";
  if (option.value == "NAME") return "_disksnoop_names";
  if (option.value == "PATH") return "_disksnoop_cgroups";
  if (option.value == "FILE") return "_disksnoop_files";
  if (option.value == "LIST") return "_disksnoop_list";
  return option.words.empty() ? "" : "_disksnoop_offer";
}

}  // namespace

std::string bash_completion(const std::vector<CompletedOption>& options) {
  std::string script(kFunctions);
  std::string all;
  for (const CompletedOption& option : options) {
    for (const std::string& name : option.names) all += " " + name;
    if (option.value.empty()) continue;
    const std::string function = function_of(option);
    script += fmt::format("    {})", fmt::join(option.names, " | "));
    if (!function.empty()) script += fmt::format(" {} \"$prefix\" \"$value\"", function);
    if (!option.words.empty())
      script += fmt::format(" {}", quoted_words(option.words, posix_quoted));
    script += " ;;\n";
  }
  script += fmt::format("    *) _disksnoop_offer '' \"$word\"{} ;;\n", all);
  script += kEnd;
  return script;
}

}  // namespace disksnoop
