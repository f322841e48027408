// Headers that were made, where clang finds them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "program/header_overlay.h"
#include "program/header_tree.h"
#include "program/private_directory.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// They lie in memory, and clang sees them and nothing else: what is compiled
/// into the program can be changed by nobody, whom a directory may belong to.
/// With a file's capabilities that is the caller, who has less rights than this
/// process. libbcc itself needs a directory, in which it looks for one file and
/// reads nothing.
class HeaderFiles {
 public:
  static Result<HeaderFiles> create(const HeaderTree& tree);

  /// What create() tells where clang could not reach them.
  static Result<void> check_readable();

  /// For BccSession::Source, both.
  const std::filesystem::path& kernel_source() const { return directory_.path(); }
  const std::vector<std::string>& clang_flags() const { return clang_flags_; }

 private:
  explicit HeaderFiles(PrivateDirectory directory) : directory_(std::move(directory)) {}

  PrivateDirectory directory_;
  std::vector<UniqueFd> files_;
  std::vector<std::string> clang_flags_;
};

}  // namespace disksnoop
