// What a run gives up when all is attached: from then on it needs what is open, and little more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "system/log.h"

namespace disksnoop {

/// What goes on after that.
struct SandboxNeeds {
  bool bpf = false;                           ///< the program is asked and told things
  std::optional<std::uint16_t> port = {};     ///< is listened on
  std::vector<int> renewed_directories = {};  ///< in which files are renewed
};

class Sandbox {
 public:
  /// `wanted`: false where the user asked for none.
  Sandbox(SandboxNeeds needs, bool wanted, const Log& log)
      : needs_(std::move(needs)), wanted_(wanted), log_(log) {}

  /// The first half: gives up users, capabilities and files, in this thread and those that it
  /// starts from now on. It has started none. Error: that cannot be done.
  Result<void> drop_rights() const;

  /// The second half, when all threads are there: forbids them all other system calls. Where the
  /// kernel cannot, that is told, and it goes on.
  void restrict_calls() const;

 private:
  SandboxNeeds needs_;
  bool wanted_;
  const Log& log_;
};

}  // namespace disksnoop
