#include "kernel/bcc_session.h"

#include <bcc/BPF.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "kernel/output_capture.h"
#include "kernel/resident_memory.h"
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

/// The one way to tell libbcc where the kernel's headers are.
class KernelSource {
 public:
  explicit KernelSource(const std::optional<std::filesystem::path>& path) : set_(path) {
    if (!path) return;
    if (const char* before = std::getenv(kName)) before_ = before;
    ::setenv(kName, path->c_str(), 1);
  }
  ~KernelSource() {
    if (!set_) return;
    if (before_) {
      ::setenv(kName, before_->c_str(), 1);
    } else {
      ::unsetenv(kName);
    }
  }
  KernelSource(const KernelSource&) = delete;
  KernelSource& operator=(const KernelSource&) = delete;

 private:
  static constexpr const char* kName = "BCC_KERNEL_SOURCE";
  bool set_;
  std::optional<std::string> before_;
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

Result<BccSession> BccSession::compile(const Source& source, std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const WorkingDirectory working_directory;
  const KernelSource kernel_source(source.kernel_source);
  auto impl = std::make_unique<Impl>();
  const ebpf::StatusTuple status = impl->bpf.init(std::string(source.program), source.clang_flags);
  messages += capture->stop();
  if (!status.ok()) return fail("libbcc cannot compile the program");
  return BccSession(std::move(impl));
}

Result<int> BccSession::load(HookKind kind, const std::string& function, std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  int program_fd = -1;
  const ebpf::StatusTuple loaded = impl_->bpf.load_func(
      function, kind == HookKind::kKprobe ? BPF_PROG_TYPE_KPROBE : BPF_PROG_TYPE_RAW_TRACEPOINT,
      program_fd);
  const int error = errno;
  messages += capture->stop();
  if (loaded.ok()) return program_fd;
  return fail(fmt::format("the kernel does not accept {}: {}", function, std::strerror(error)));
}

Result<void> BccSession::attach(const Hook& hook, std::string& messages) {
  if (const auto loaded = load(hook.kind, hook.function, messages); !loaded) {
    return std::unexpected(loaded.error());
  }
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const ebpf::StatusTuple attached =
      hook.kind == HookKind::kKprobe ? impl_->bpf.attach_kprobe(hook.target, hook.function)
                                     : impl_->bpf.attach_raw_tracepoint(hook.target, hook.function);
  const int error = errno;
  messages += capture->stop();
  if (attached.ok()) return {};
  return fail(
      fmt::format("cannot attach {} to {}: {}", hook.function, hook.target, std::strerror(error)));
}

void BccSession::detach_raw_tracepoint(const std::string& name) {
  static_cast<void>(impl_->bpf.detach_raw_tracepoint(name).ok());
}

void BccSession::release_memory() {
  impl_->bpf.free_bcc_memory();
  release_resident_memory();
}

Result<int> BccSession::map_fd(const std::string& name) const {
  const int fd = impl_->bpf.get_table(name).get_fd();
  if (fd < 0) return fail(fmt::format("the program has no map {}", name));
  return fd;
}

}  // namespace disksnoop
