#include "original/tracefs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <set>
#include <string_view>

#include "base/text.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kMountPoints = {"/sys/kernel/tracing",
                                                          "/sys/kernel/debug/tracing"};
constexpr const char* kPipe = "trace_pipe";

std::unexpected<Error> not_permitted(const fs::path& path) {
  Error error = error_with_way_out(fmt::format("not permitted to read {}", path.string()), ": ",
                                   "run as root (a container: --user 0)");
  error.unseen = true;
  return std::unexpected(std::move(error));
}

/// A file's identity: device and inode.
using FileId = std::array<std::uint64_t, 3>;

/// Of the file that `path` leads to; nothing if that cannot be told at once: a
/// file system whose server does not answer is not waited for.
std::optional<FileId> file_id(const fs::path& path) {
  struct statx status = {};
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC, STATX_INO, &status) != 0) {
    return std::nullopt;
  }
  return FileId{status.stx_dev_major, status.stx_dev_minor, status.stx_ino};
}

/// The files of which one reader keeps others from trace_pipe: itself, and
/// those of single CPUs (kernel/trace/trace.c, open_pipe_on_cpu).
std::set<FileId> pipes_of(const fs::path& tracefs) {
  std::set<FileId> pipes;
  const auto add = [&pipes](const fs::path& pipe) {
    if (const auto id = file_id(pipe)) pipes.insert(*id);
  };
  add(tracefs / kPipe);
  std::error_code ignored;
  for (const auto& cpu : fs::directory_iterator(tracefs / "per_cpu", ignored)) {
    add(cpu.path() / kPipe);
  }
  return pipes;
}

/// Whether a process has one of them open; none if its files may not be looked at.
std::optional<bool> holds_one(const fs::path& process, const std::set<FileId>& pipes) {
  std::error_code error;
  const fs::directory_iterator files(process / "fd", error);
  if (error == std::errc::permission_denied) return std::nullopt;
  std::error_code ignored;
  for (const auto& fd : files) {
    // The name only says which files are worth a look: anybody can give it to one.
    if (fs::read_symlink(fd.path(), ignored).filename() != kPipe) continue;
    if (const auto id = file_id(fd.path()); id && pipes.contains(*id)) return true;
  }
  return false;
}

}  // namespace

Result<fs::path> find_tracefs(const Root& root) {
  for (const std::string_view mount_point : kMountPoints) {
    const fs::path directory = root.at(mount_point);
    const fs::path pipe = directory / kPipe;
    // With the capabilities of the process, which access(2) leaves out.
    if (::faccessat(AT_FDCWD, pipe.c_str(), F_OK, AT_EACCESS) == 0) return directory;
    if (errno == EACCES) return not_permitted(pipe);
  }
  return std::unexpected(
      error_with_way_out("tracefs is not mounted", ": ",
                         "mount -t tracefs tracefs /sys/kernel/tracing (a container: run it with "
                         "-v /sys/kernel/debug:/sys/kernel/debug)"));
}

Result<int> open_trace_pipe(const Root& root, const fs::path& tracefs) {
  const fs::path path = tracefs / kPipe;
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) return fd;
  if (errno == EBUSY) {
    const std::string holder = find_holder(root, tracefs).name.value_or("another process");
    return std::unexpected(
        error_with_way_out(fmt::format("{} is busy: {} reads it", path.string(), holder), "; ",
                           std::string(kEndTheHolder)));
  }
  if (errno == EACCES || errno == EPERM) return not_permitted(path);
  return fail(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
}

TracePipeHolder find_holder(const Root& root, const fs::path& tracefs) {
  const std::set<FileId> pipes = pipes_of(tracefs);
  TracePipeHolder found;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(root.at("/proc"), ignored)) {
    const std::string name = process.path().filename().string();
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size() || pid == ::getpid()) continue;
    const auto holds = holds_one(process.path(), pipes);
    if (!holds) found.all_seen = false;
    if (!holds.value_or(false)) continue;
    const auto comm = read_file(process.path() / "comm");
    found.name = fmt::format("{} (pid {})", comm ? strip_right(*comm) : "a process", pid);
    return found;
  }
  return found;
}

}  // namespace disksnoop
