#include "program/bcc_session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "program/bcc_program.h"
#include "program/confined_thread.h"
#include "program/output_capture.h"
#include "program/program_info.h"
#include "program/resident_memory.h"
#include "system/log.h"
#include "system/privileges.h"
#include "system/progress_line.h"
#include "system/refusal.h"
#include "system/unique_fd.h"

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

/// Headers that were made are all that clang needs of files; those of a kernel lie where links
/// lead.
std::optional<Confinement> confinement_of(const BccSession::Source& source) {
  if (!source.confined) return std::nullopt;
  if (!source.kernel_source) return Confinement{.reads_any_file = true};
  return Confinement{.readable = {*source.kernel_source, "/sys/devices/system/cpu"}};
}

/// The error if libbcc printed that the kernel gave it no map.
std::optional<Error> map_refusal(std::string_view printed) {
  return explain_map_refusal(printed, most_locked_bytes());
}

/// The way out where the kernel refuses a kprobe. CAP_PERFMON is enough for one
/// (kernel/events/core.c, perf_kprobe_event_init) unless a seccomp filter, a
/// security module or the distribution (kernel.perf_event_paranoid above 2)
/// keeps perf_event_open(2) for CAP_SYS_ADMIN.
std::string_view way_out(const Hook& hook, int error) {
  if (hook.kind != HookKind::kKprobe || (error != EPERM && error != EACCES)) return "";
  return "; run as root with all capabilities (a container: --privileged --user 0)";
}

/// LLVM ends the process itself where it can make no code of a program, as where that
/// needs more than the 512 bytes of stack (report_fatal_error). Then the end tells why.
class ToldAtExit {
 public:
  explicit ToldAtExit(OutputCapture& capture) {
    static const bool registered = std::atexit(tell) == 0;
    static_cast<void>(registered);
    held() = &capture;
  }
  ~ToldAtExit() { held() = nullptr; }
  ToldAtExit(const ToldAtExit&) = delete;
  ToldAtExit& operator=(const ToldAtExit&) = delete;

 private:
  static void tell() {
    if (held() == nullptr) return;
    erase_progress_line();
    const Log log(true);
    log.foreign_text(held()->stop());
    log.error("LLVM cannot compile the program for this kernel; ask for fewer columns (-o, --by)");
  }

  static OutputCapture*& held() {
    static OutputCapture* capture = nullptr;
    return capture;
  }
};

}  // namespace

BccSession::BccSession(std::unique_ptr<BccProgram> program) : program_(std::move(program)) {}
BccSession::BccSession(BccSession&&) noexcept = default;
BccSession& BccSession::operator=(BccSession&&) noexcept = default;
BccSession::~BccSession() = default;

Result<BccSession> BccSession::compile(const Source& source, std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const WorkingDirectory working_directory;
  const KernelSource kernel_source(source.kernel_source);
  auto program = source.engine == Engine::kOriginal ? kprobe_program()
                                                    : tracepoint_program(source.kernel_function);
  bool compiled = false;
  {
    const ToldAtExit told(*capture);
    ProgressLine progress(capture->saved_stderr());
    const auto ran = run_in_thread(
        confinement_of(source),
        [&] { compiled = program->compile(std::string(source.program), source.clang_flags); },
        [&progress] { progress.show("disksnoop: compiling ..."); });
    if (!ran) return std::unexpected(ran.error());
    for (const std::string& refused : *ran) {
      messages += fmt::format("compiled with more rights than it takes: {}\n", refused);
    }
  }
  const std::string printed = capture->stop();
  if (compiled) {
    messages += printed;
    return BccSession(std::move(program));
  }
  // Without its reader/writer engine, a libbcc that could not make a map frees
  // in its destructor what is not its own (~BPFModule; seen with 0.26).
  static auto* never_destroyed = new std::vector<std::unique_ptr<BccProgram>>();
  never_destroyed->push_back(std::move(program));
  if (auto refusal = map_refusal(printed)) return std::unexpected(std::move(*refusal));
  messages += printed;
  return fail("libbcc cannot compile the program");
}

Result<int> BccSession::load(const std::string& function, std::string& messages) {
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const auto loaded = program_->load(function);
  messages += capture->stop();
  if (loaded) return *loaded;
  return fail(
      fmt::format("the kernel does not accept {}: {}", function, std::strerror(loaded.error())));
}

Result<void> BccSession::attach(const Hook& hook, std::string& messages) {
  const auto loaded = load(hook.function, messages);
  if (!loaded) return std::unexpected(loaded.error());
  auto capture = OutputCapture::start();
  if (!capture) return std::unexpected(capture.error());
  const auto attached = program_->attach(hook);
  messages += capture->stop();
  if (attached) {
    attached_.push_back(*loaded);
    return {};
  }
  const std::string_view known = way_out(hook, attached.error());
  if (!known.empty()) messages.clear();  // libbcc only guesses
  return fail(fmt::format("cannot attach {} to {}: {}{}", hook.function, hook.target,
                          std::strerror(attached.error()), known));
}

void BccSession::detach_raw_tracepoint(const std::string& name) { program_->detach(name); }

bool BccSession::needs_rights_to_detach() const { return program_->needs_rights_to_detach(); }

void BccSession::release_memory() {
  program_->free_memory();
  release_resident_memory();
}

std::uint64_t BccSession::skipped_runs() const {
  std::uint64_t sum = 0;
  for (const int program : attached_) sum += disksnoop::skipped_runs(program);
  return sum;
}

Result<int> BccSession::map_fd(const std::string& name) const {
  const int fd = program_->map_fd(name);
  if (fd < 0) return fail(fmt::format("the program has no map {}", name));
  return fd;
}

}  // namespace disksnoop
