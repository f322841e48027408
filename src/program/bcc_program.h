// The two ways in which libbcc's C++ API gives a program: ebpf::BPF, which loads and attaches
// it too, and ebpf::BPFModule, whose code is for us to load. Only that can call functions of the
// kernel's, for which libbcc has no words.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "program/probe_plan.h"

namespace disksnoop {

/// What it and the kernel's verifier print goes to stdout and stderr.
class BccProgram {
 public:
  BccProgram() = default;
  BccProgram(const BccProgram&) = delete;
  BccProgram& operator=(const BccProgram&) = delete;
  /// Detaches all hooks.
  virtual ~BccProgram() = default;

  /// False where libbcc cannot; it has printed why. To be called once.
  virtual bool compile(const std::string& text, const std::vector<std::string>& clang_flags) = 0;

  /// Loads a function, if it is not loaded yet. The file descriptor stays the program's.
  /// Error: errno.
  virtual std::expected<int, int> load(const std::string& function) = 0;

  /// Attaches a function that is loaded. Error: errno.
  virtual std::expected<void, int> attach(const Hook& hook) = 0;

  /// Detaches what was attached to this raw tracepoint.
  virtual void detach(const std::string& target) = 0;

  /// Whether detaching takes the rights that attaching took, or nothing.
  virtual bool needs_rights_to_detach() const { return false; }

  /// Gives back what only compiling needs.
  virtual void free_memory() = 0;

  /// Negative if there is no such map.
  virtual int map_fd(const std::string& name) = 0;
};

/// For kprobes.
std::unique_ptr<BccProgram> kprobe_program();

/// For raw tracepoints. `kernel_function`: the number, in the kernel's BTF, of a function of the
/// kernel's that the program calls as if it were a helper of this number.
std::unique_ptr<BccProgram> tracepoint_program(std::optional<std::uint32_t> kernel_function);

}  // namespace disksnoop
