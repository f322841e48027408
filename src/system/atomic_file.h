// A file that is there as a whole or not at all.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// What was in the file before stays until all of the new text is there.
class AtomicFile {
 public:
  /// Error, told at once: a file that cannot be written there, or something that is no
  /// regular file, as a link is none. Leaves nothing behind.
  /// `others`: descriptors of files that are read or written; it is none of them.
  static Result<AtomicFile> open(const std::string& path, std::initializer_list<int> others = {});

  /// A final text is on the disk when it is written; where only the last step failed, it is in
  /// a file beside, which the error names. One that is renewed soon costs neither.
  enum class Text { kFinal, kRenewed };
  /// Error: what was there before still is.
  Result<void> write(std::string_view text, Text kind = Text::kFinal) const;

  /// The descriptor of the directory that it is in.
  int directory() const { return directory_.get(); }

 private:
  AtomicFile(std::string path, UniqueFd directory, std::string name)
      : path_(std::move(path)), directory_(std::move(directory)), name_(std::move(name)) {}

  Error cannot_write() const;

  std::string path_;  ///< as it was given
  UniqueFd directory_;
  std::string name_;
};

}  // namespace disksnoop
