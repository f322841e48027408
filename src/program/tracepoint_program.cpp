#include <bcc/bpf_module.h>
#include <bpf/bpf.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <span>

#include "program/bcc_program.h"
#include "system/unique_fd.h"

namespace disksnoop {
namespace {

constexpr const char* kLicense = "GPL";

/// `log`: where the verifier says what it does; empty for nowhere.
std::expected<int, int> load_program(const std::string& name, std::span<const bpf_insn> code,
                                     std::span<char> log) {
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  if (!log.empty()) {
    options.log_level = 1;
    options.log_buf = log.data();
    options.log_size = static_cast<std::uint32_t>(log.size());
  }
  const int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, name.c_str(), kLicense, code.data(),
                               code.size(), &options);
  if (fd >= 0) return fd;
  return std::unexpected(errno);
}

/// Calls of a helper of this number become calls of the kernel's function of this number.
void call_kernel_function(std::span<bpf_insn> code, std::uint32_t number) {
  for (bpf_insn& instruction : code) {
    if (instruction.code == (BPF_JMP | BPF_CALL) && instruction.src_reg == 0 &&
        static_cast<std::uint32_t>(instruction.imm) == number) {
      instruction.src_reg = BPF_PSEUDO_KFUNC_CALL;
    }
  }
}

class TracepointProgram final : public BccProgram {
 public:
  explicit TracepointProgram(std::optional<std::uint32_t> kernel_function)
      : kernel_function_(kernel_function) {}

  bool compile(const std::string& text, const std::vector<std::string>& clang_flags) override {
    std::vector<const char*> flags;
    flags.reserve(clang_flags.size());
    for (const std::string& flag : clang_flags) flags.push_back(flag.c_str());
    return module_.load_string(text, flags.data(), static_cast<int>(flags.size())) == 0;
  }

  std::expected<int, int> load(const std::string& function) override {
    if (const auto loaded = programs_.find(function); loaded != programs_.end()) {
      return loaded->second.get();
    }
    const std::uint8_t* const start = module_.function_start(function);
    if (start == nullptr) return std::unexpected(ENOENT);
    std::vector<bpf_insn> code(module_.function_size(function) / sizeof(bpf_insn));
    std::memcpy(code.data(), start, code.size() * sizeof(bpf_insn));
    if (kernel_function_) call_kernel_function(code, *kernel_function_);
    auto loaded = load_program(function, code, {});
    if (!loaded) loaded = load_and_print(function, code);
    if (!loaded) return loaded;
    return programs_.emplace(function, UniqueFd(*loaded)).first->second.get();
  }

  std::expected<void, int> attach(const Hook& hook) override {
    const auto loaded = programs_.find(hook.function);
    if (loaded == programs_.end()) return std::unexpected(ENOENT);
    UniqueFd link(bpf_raw_tracepoint_open(hook.target.c_str(), loaded->second.get()));
    if (link.get() < 0) return std::unexpected(errno);
    links_.insert_or_assign(hook.target, std::move(link));
    return {};
  }

  void detach(const std::string& target) override { links_.erase(target); }
  void free_memory() override { module_.free_bcc_memory(); }
  int map_fd(const std::string& name) override { return module_.table_fd(name); }

 private:
  /// Once more, with what the verifier says, as long as it needs more room for that.
  static std::expected<int, int> load_and_print(const std::string& function,
                                                std::span<const bpf_insn> code) {
    constexpr std::size_t kMost = std::size_t{1} << 24;  // more no kernel takes
    for (std::size_t size = std::size_t{1} << 20;; size *= 4) {
      std::vector<char> log(size);
      const auto loaded = load_program(function, code, log);
      if (!loaded && loaded.error() == ENOSPC && size < kMost) continue;
      std::fputs(log.data(), stderr);
      return loaded;
    }
  }

  // No reader/writer engine, as in KprobeProgram.
  ebpf::BPFModule module_{0, nullptr, false};
  std::optional<std::uint32_t> kernel_function_;
  std::map<std::string, UniqueFd> programs_;  ///< by function
  std::map<std::string, UniqueFd> links_;     ///< by tracepoint; gone before their programs
};

}  // namespace

std::unique_ptr<BccProgram> tracepoint_program(std::optional<std::uint32_t> kernel_function) {
  return std::make_unique<TracepointProgram>(kernel_function);
}

}  // namespace disksnoop
