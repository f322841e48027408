#include <bcc/BPF.h>
#include <bcc/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "program/bcc_program.h"
#include "system/unique_fd.h"

namespace disksnoop {
namespace {

/// Whether kprobes are events of perf_event_open(2), which end when they are closed (4.17). Before
/// that libbcc writes them to kprobe_events, and has to take them out there again.
bool end_when_closed() { return ::access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0; }

/// libbcc's name for the event of one (BPF::get_kprobe_event).
std::string event_of(const std::string& target) { return "p_" + target; }

class KprobeProgram final : public BccProgram {
 public:
  ~KprobeProgram() override {
    for (auto& [target, event] : events_) {
      event = UniqueFd();
      if (!end_when_closed_) bpf_detach_kprobe(event_of(target).c_str());
    }
  }

  bool compile(const std::string& text, const std::vector<std::string>& clang_flags) override {
    return bpf_.init(text, clang_flags).ok();
  }

  std::expected<int, int> load(const std::string& function) override {
    int program_fd = -1;
    if (bpf_.load_func(function, BPF_PROG_TYPE_KPROBE, program_fd).ok()) return program_fd;
    return std::unexpected(errno);
  }

  std::expected<void, int> attach(const Hook& hook) override {
    const auto program = load(hook.function);
    if (!program) return std::unexpected(program.error());
    // As BPF::attach_kprobe() does, whose end would need rights that are given up by then: it looks
    // into kprobe_events.
    const std::string name = event_of(hook.target);
    UniqueFd event(
        bpf_attach_kprobe(*program, BPF_PROBE_ENTRY, name.c_str(), hook.target.c_str(), 0, 0));
    if (event) {
      events_.emplace_back(hook.target, std::move(event));
      return {};
    }
    const int error = errno;
    // Refused, libbcc leaves the event in kprobe_events (bpf_attach_probe in src/cc/libbpf.c).
    bpf_detach_kprobe(name.c_str());
    return std::unexpected(error);
  }

  bool needs_rights_to_detach() const override { return !events_.empty() && !end_when_closed_; }

  void detach(const std::string& /*target*/) override {}
  void free_memory() override { bpf_.free_bcc_memory(); }
  int map_fd(const std::string& name) override { return bpf_.get_table(name).get_fd(); }

 private:
  // No reader/writer engine: it is LLVM code that prints and scans map values
  // as text, which nothing here uses.
  ebpf::BPF bpf_{0, nullptr, false};
  bool end_when_closed_ = end_when_closed();
  std::vector<std::pair<std::string, UniqueFd>> events_;  ///< by target; gone before their programs
};

}  // namespace

std::unique_ptr<BccProgram> kprobe_program() { return std::make_unique<KprobeProgram>(); }

}  // namespace disksnoop
