// A file that is written again and again, by a thread of its own.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "system/atomic_file.h"

namespace disksnoop {

/// While its disk hangs the others go on, and of the texts that come meanwhile the newest is
/// written when it takes something again. (The process ends then only: the kernel waits for
/// a thread that waits for a disk.)
class BackgroundFile {
 public:
  /// Not before a fork. Error: the thread cannot be had.
  static Result<BackgroundFile> start(AtomicFile file);
  /// Waits for nothing.
  ~BackgroundFile();
  BackgroundFile(BackgroundFile&&) = default;
  BackgroundFile& operator=(BackgroundFile&&) = delete;

  /// Has `text` written.
  void put(std::string text);

  /// How the last write went that has ended.
  Result<void> result() const;

  /// How the last text is written, if that ends in time. Error: also if it does not.
  Result<void> finish(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit BackgroundFile(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  ///< the thread's too
};

}  // namespace disksnoop
