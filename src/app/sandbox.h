// What a run gives up when all is attached: from then on it needs what is open, and little more.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
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

  /// Gives up users, capabilities and files; then has the threads started, which so have none of
  /// them either; then forbids all threads all other system calls. There are no threads before.
  /// What the kernel refuses of it is told, and it goes on. Error: of `start_threads`.
  Result<void> enter(const std::function<Result<void>()>& start_threads) const;

 private:
  void drop_rights() const;
  void forbid_files() const;
  void restrict_calls() const;
  void tell(const Error& refusal) const;

  SandboxNeeds needs_;
  bool wanted_;
  const Log& log_;
};

}  // namespace disksnoop
