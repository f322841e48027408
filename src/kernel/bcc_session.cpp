#include "kernel/bcc_session.h"

#include <bcc/BPF.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "kernel/output_capture.h"
#include "kernel/unique_fd.h"

namespace disksnoop {
namespace {

/// libbcc changes into the kernel's source tree to compile, gives up in a
/// directory whose path is longer than 255 bytes, and puts the directory that
/// it came from first among the include directories (DirStack and
/// ClangLoader::parse in src/cc/frontends/clang). So it is started from /.
class WorkingDirectory {
 public:
  WorkingDirectory() : saved_(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (::chdir("/") != 0) saved_ = UniqueFd();
  }
  ~WorkingDirectory() {
    if (saved_ && ::fchdir(saved_.get()) != 0) std::perror("disksnoop: cannot change back");
  }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

 private:
  UniqueFd saved_;
};

}  // namespace

class BccSession::Impl {
 public:
  // No reader/writer engine: it is LLVM code that prints and scans map values
  // as text, which nothing here uses.
  Impl() : bpf(0, nullptr, false) {}
  ebpf::BPF bpf;
};

BccSession::BccSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BccSession::BccSession(BccSession&&) noexcept = default;
BccSession& BccSession::operator=(BccSession&&) noexcept = default;
BccSession::~BccSession() = default;

Result<BccSession> BccSession::compile(std::string_view program,
                                       const std::vector<std::string>& clang_flags,
                                       std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const WorkingDirectory working_directory;
  auto impl = std::make_unique<Impl>();
  const ebpf::StatusTuple status = impl->bpf.init(std::string(program), clang_flags);
  messages += capture->stop();
  if (!status.ok()) return fail("libbcc cannot compile the program");
  return BccSession(std::move(impl));
}

Result<void> BccSession::attach(const Hook& hook, std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const bool kprobe = hook.kind == HookKind::kKprobe;
  int program_fd = -1;
  const ebpf::StatusTuple loaded = impl_->bpf.load_func(
      hook.function, kprobe ? BPF_PROG_TYPE_KPROBE : BPF_PROG_TYPE_RAW_TRACEPOINT, program_fd);
  int error = errno;
  if (!loaded.ok()) {
    messages += capture->stop();
    return fail(fmt::format("the kernel does not accept {}: {}", hook.function,
                            std::strerror(error)));
  }
  const ebpf::StatusTuple attached =
      kprobe ? impl_->bpf.attach_kprobe(hook.target, hook.function)
             : impl_->bpf.attach_raw_tracepoint(hook.target, hook.function);
  error = errno;
  messages += capture->stop();
  if (!attached.ok()) {
    return fail(fmt::format("cannot attach {} to {}: {}", hook.function, hook.target,
                            std::strerror(error)));
  }
  return {};
}

}  // namespace disksnoop
