// A BPF program, compiled by libbcc and attached as a plan says.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/probe_plan.h"

namespace disksnoop {

class BccSession {
 public:
  /// Compiles `program` through ebpf::BPF. Nothing that libbcc or clang prints
  /// reaches stdout or stderr: it is collected in messages(), and is part of
  /// no error. The working directory and the environment are afterwards what
  /// they were before.
  static Result<BccSession> compile(std::string_view program,
                                    const std::vector<std::string>& clang_flags,
                                    std::string& messages);

  BccSession(BccSession&&) noexcept;
  BccSession& operator=(BccSession&&) noexcept;
  /// Detaches all hooks.
  ~BccSession();

  /// Loads the hook's function, if it is not loaded yet, and attaches it. What
  /// libbcc and the verifier print is added to `messages`.
  Result<void> attach(const Hook& hook, std::string& messages);

 private:
  class Impl;
  explicit BccSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace disksnoop
