#include <fmt/format.h>

#include "app/completion.h"
#include "app/shell_text.h"

namespace disksnoop {
namespace {

constexpr std::string_view kFunctions = R"(# What disksnoop --completion fish prints.

# The value so far, without the option that stands in the same word.
function __disksnoop_value
    string replace -r '^(--[^=]*=|-[a-zA-Z])' '' -- (commandline -ct)
end

# Of a list, the words that it does not have yet.
function __disksnoop_list
    set -l before (string match -r '^\+?(?:.*,)?' -- (__disksnoop_value))
    for word in $argv
        contains -- $word (string split , -- (string trim -l -c + -- "$before"))
        or echo "$before$word"
    end
end

function __disksnoop_disks
    set -l value (__disksnoop_value)
    if string match -q '/*' -- "$value"
        __fish_complete_path "$value"
    else
        set -l disks /sys/class/block/*
        string replace -r '.*/' '' -- $disks
    end
end

function __disksnoop_processes
    set -l directories /proc/*
    string replace -fr '^/proc/([0-9]+)$' '$1' -- $directories
end

function __disksnoop_names
    set -l files /proc/*/comm
    cat $files 2>/dev/null | sort -u
end

function __disksnoop_cgroups
    set -l value (__disksnoop_value)
    if string match -q '/sys/fs/cgroup/*' -- "$value"
        __fish_complete_directories "$value" ''
    else
        echo /sys/fs/cgroup/
    end
end

complete -c disksnoop -e
complete -c disksnoop -f
)";

/// What completes the value of an option, as `complete` has it.
std::string value_of(const CompletedOption& option) {
  const auto of = [](const std::string& text) { return " -x -a " + fish_quoted(text); };
  if (option.value == "FILE") return " -r -F";
  if (option.value == "DISK") return of("(__disksnoop_disks)");
  if (option.value == "PID") return of("(__disksnoop_processes)");
  if (option.value == "NAME") return of("(__disksnoop_names)");
  if (option.value == "PATH") return of("(__disksnoop_cgroups)");
  const std::string words = quoted_words(option.words, fish_quoted);
  if (option.value == "LIST") return of(fmt::format("(__disksnoop_list {})", words));
  return option.words.empty() ? " -x" : of(words);
}

}  // namespace

std::string fish_completion(const std::vector<CompletedOption>& options) {
  std::string script(kFunctions);
  for (const CompletedOption& option : options) {
    script += "complete -c disksnoop";
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      script += fmt::format(" -{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
    }
    script += " -d " + fish_quoted(option.help);
    if (!option.value.empty()) script += value_of(option);
    script += "\n";
  }
  return script;
}

}  // namespace disksnoop
