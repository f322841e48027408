// A directory for this process alone, that is gone when the process is.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// A fresh directory (mode 0700) under $TMPDIR if that is set, else in memory
/// under /dev/shm, else, where that has no room, under /tmp. A child process makes
/// it, waits for the end of this object, or of this process by whatever way
/// (SIGKILL too), and removes it: there is no moment at which it exists and
/// nobody would remove it.
class PrivateDirectory {
 public:
  /// With one empty file in it, `file`, a path below it. Error: why not, for
  /// each of those places, and the way out.
  static Result<PrivateDirectory> create(const std::filesystem::path& file);

  PrivateDirectory(PrivateDirectory&& other) noexcept;
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  ~PrivateDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  PrivateDirectory(std::filesystem::path path, UniqueFd life_line, pid_t remover)
      : path_(std::move(path)), life_line_(std::move(life_line)), remover_(remover) {}

  std::filesystem::path path_;
  UniqueFd life_line_;  ///< closed by the end of this object or of the process
  pid_t remover_;       ///< the child that waits for that; -1 after a move
};

}  // namespace disksnoop
