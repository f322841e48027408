#include <bcc/BPF.h>
#include <bcc/libbpf.h>

#include <cerrno>

#include "program/bcc_program.h"

namespace disksnoop {
namespace {

class KprobeProgram final : public BccProgram {
 public:
  bool compile(const std::string& text, const std::vector<std::string>& clang_flags) override {
    return bpf_.init(text, clang_flags).ok();
  }

  std::expected<int, int> load(const std::string& function) override {
    int program_fd = -1;
    if (bpf_.load_func(function, BPF_PROG_TYPE_KPROBE, program_fd).ok()) return program_fd;
    return std::unexpected(errno);
  }

  std::expected<void, int> attach(const Hook& hook) override {
    if (bpf_.attach_kprobe(hook.target, hook.function).ok()) return {};
    const int error = errno;
    // Refused, libbcc leaves the event in kprobe_events (bpf_attach_probe in
    // src/cc/libbpf.c); this is its name for it (BPF::get_kprobe_event).
    bpf_detach_kprobe(("p_" + hook.target).c_str());
    return std::unexpected(error);
  }

  void detach(const std::string& /*target*/) override {}
  void free_memory() override { bpf_.free_bcc_memory(); }
  int map_fd(const std::string& name) override { return bpf_.get_table(name).get_fd(); }

 private:
  // No reader/writer engine: it is LLVM code that prints and scans map values
  // as text, which nothing here uses.
  ebpf::BPF bpf_{0, nullptr, false};
};

}  // namespace

std::unique_ptr<BccProgram> kprobe_program() { return std::make_unique<KprobeProgram>(); }

}  // namespace disksnoop
