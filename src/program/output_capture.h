// Holding back what a library prints. libbcc writes to stdout ("Unable to
// find kernel headers") and to stderr (clang's and the verifier's messages).
#pragma once

#include <string>

#include "base/error.h"
#include "system/unique_fd.h"

namespace disksnoop {

/// While it lives, file descriptors 1 and 2 lead into memory.
class OutputCapture {
 public:
  static Result<OutputCapture> start();
  OutputCapture(OutputCapture&&) = default;
  OutputCapture& operator=(OutputCapture&&) = delete;
  ~OutputCapture();

  /// What stderr was, until stop().
  int saved_stderr() const { return saved_stderr_.get(); }

  /// Gives stdout and stderr back, and returns what was written to them.
  std::string stop();

 private:
  OutputCapture(UniqueFd memory, UniqueFd out, UniqueFd err)
      : memory_(std::move(memory)), saved_stdout_(std::move(out)), saved_stderr_(std::move(err)) {}

  UniqueFd memory_;
  UniqueFd saved_stdout_;
  UniqueFd saved_stderr_;
};

}  // namespace disksnoop
