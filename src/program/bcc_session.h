// A BPF program, compiled by libbcc and attached as a plan says.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "program/probe_plan.h"

namespace disksnoop {

class BccProgram;

class BccSession {
 public:
  /// What to compile, and with what.
  struct Source {
    std::string_view program;
    std::vector<std::string> clang_flags;
    /// The tree that libbcc takes for the kernel's source; none: the one that
    /// it finds itself (see kernel_headers.h).
    std::optional<std::filesystem::path> kernel_source;
    /// What it is to be attached to: kprobes or raw tracepoints.
    Engine engine = Engine::kTracepoint;
    /// See tracepoint_program().
    std::optional<std::uint32_t> kernel_function = {};
    bool confined = true;  ///< the thread in which libbcc compiles
  };

  /// Compiles a program through libbcc (see bcc_program.h). Nothing that libbcc or clang prints
  /// reaches stdout or stderr: it is added to `messages`, and is part of no
  /// error. The working directory and the environment are afterwards what they
  /// were before.
  static Result<BccSession> compile(const Source& source, std::string& messages);

  BccSession(BccSession&&) noexcept;
  BccSession& operator=(BccSession&&) noexcept;
  /// Detaches all hooks.
  ~BccSession();

  /// Loads the hook's function, if it is not loaded yet, and attaches it. What
  /// libbcc and the verifier print is added to `messages`.
  Result<void> attach(const Hook& hook, std::string& messages);

  /// Loads a function, if it is not loaded yet, without attaching it. Its file descriptor
  /// belongs to the session.
  Result<int> load(const std::string& function, std::string& messages);

  /// Detaches the function of a raw tracepoint.
  void detach_raw_tracepoint(const std::string& name);

  /// As BccProgram has it.
  bool needs_rights_to_detach() const;

  /// Gives back what only compiling needs, as far as libbcc lets it go. After
  /// it nothing new can be loaded.
  void release_memory();

  /// How often the kernel did not run an attached function, as it counts that
  /// (see program_info.h).
  std::uint64_t skipped_runs() const;

  /// The file descriptor of a map of the program; it belongs to the session.
  Result<int> map_fd(const std::string& name) const;

 private:
  explicit BccSession(std::unique_ptr<BccProgram> program);
  std::unique_ptr<BccProgram> program_;
  std::vector<int> attached_;  ///< programs
};

}  // namespace disksnoop
