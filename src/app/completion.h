// What bash, zsh and fish need to complete a command line: a script, made of the options as they
// are declared. An option that is added is in all three.
#pragma once

#include <string>
#include <vector>

namespace disksnoop {

/// An option as a shell needs to know it.
struct CompletedOption {
  std::vector<std::string> names;  ///< "-e", "--engine"
  std::string help;
  /// What --help calls its value; empty: it takes none. DISK, PID, NAME (of a process), PATH (of
  /// a cgroup), FILE and LIST are completed by what there is of it, others by `words`.
  std::string value;
  std::vector<std::string> words;  ///< that the value can be, or that a LIST can have
  bool repeats = false;            ///< it can be given again
};

/// The scripts. None of them evaluates the names of processes and files, which others choose.
std::string bash_completion(const std::vector<CompletedOption>& options);
std::string zsh_completion(const std::vector<CompletedOption>& options);
std::string fish_completion(const std::vector<CompletedOption>& options);

}  // namespace disksnoop
