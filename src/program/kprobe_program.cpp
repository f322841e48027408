#include <bcc/BPF.h>
#include <bcc/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "program/bcc_program.h"
#include "system/files.h"
#include "system/unique_fd.h"

namespace disksnoop {
namespace {

/// libbcc's name for the event of one (BPF::get_kprobe_event).
std::string event_of(const std::string& target) { return "p_" + target; }

/// Whether libbcc wrote it to kprobe_events, as it does where perf_event_open(2) knows no kprobes
/// (before 4.17) or refuses one (create_probe_event in src/cc/libbpf.c): there it stays when the
/// event is closed.
bool is_in_kprobe_events(const std::string& event) {
  const auto events = read_file("/sys/kernel/debug/tracing/kprobe_events");
  return events && events->find(fmt::format("/{}_bcc_{} ", event, ::getpid())) != std::string::npos;
}

class KprobeProgram final : public BccProgram {
 public:
  ~KprobeProgram() override {
    for (Event& event : events_) {
      event.fd = UniqueFd();
      if (event.stays) bpf_detach_kprobe(event.name.c_str());
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
      events_.push_back({name, std::move(event), is_in_kprobe_events(name)});
      return {};
    }
    const int error = errno;
    // Refused, libbcc leaves the event in kprobe_events (bpf_attach_probe in src/cc/libbpf.c).
    bpf_detach_kprobe(name.c_str());
    return std::unexpected(error);
  }

  bool needs_rights_to_detach() const override {
    return std::ranges::any_of(events_, &Event::stays);
  }

  void detach(const std::string& /*target*/) override {}
  void free_memory() override { bpf_.free_bcc_memory(); }
  int map_fd(const std::string& name) override { return bpf_.get_table(name).get_fd(); }

 private:
  struct Event {
    std::string name;
    UniqueFd fd;
    bool stays;  ///< in kprobe_events, until it is taken out there
  };

  // No reader/writer engine: it is LLVM code that prints and scans map values
  // as text, which nothing here uses.
  ebpf::BPF bpf_{0, nullptr, false};
  std::vector<Event> events_;  ///< gone before their programs
};

}  // namespace

std::unique_ptr<BccProgram> kprobe_program() { return std::make_unique<KprobeProgram>(); }

}  // namespace disksnoop
