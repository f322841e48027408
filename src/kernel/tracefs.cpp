#include "kernel/tracefs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "core/text.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kMountPoints = {"/sys/kernel/tracing",
                                                          "/sys/kernel/debug/tracing"};

std::unexpected<Error> not_permitted(const fs::path& path) {
  return fail(
      fmt::format("not permitted to read {}: run as root (a container: --user 0)", path.string()));
}

bool holds_trace_pipe(const fs::path& process) {
  std::error_code ignored;
  for (const auto& fd : fs::directory_iterator(process / "fd", ignored)) {
    if (fs::read_symlink(fd.path(), ignored).filename() == "trace_pipe") return true;
  }
  return false;
}

}  // namespace

Result<fs::path> find_tracefs(const Root& root) {
  for (const std::string_view mount_point : kMountPoints) {
    const fs::path directory = root.at(mount_point);
    const fs::path pipe = directory / "trace_pipe";
    // With the capabilities of the process, which access(2) leaves out.
    if (::faccessat(AT_FDCWD, pipe.c_str(), F_OK, AT_EACCESS) == 0) return directory;
    if (errno == EACCES) return not_permitted(pipe);
  }
  return fail(
      "tracefs is not mounted: mount -t tracefs tracefs /sys/kernel/tracing (a container: run it "
      "with -v /sys/kernel/debug:/sys/kernel/debug)");
}

Result<int> open_trace_pipe(const Root& root, const fs::path& tracefs) {
  const fs::path path = tracefs / "trace_pipe";
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) return fd;
  if (errno == EBUSY) {
    const auto holder = trace_pipe_holder(root);
    return fail(fmt::format("{} is busy: {} reads it; end that first", path.string(),
                            holder.value_or("another process")));
  }
  if (errno == EACCES || errno == EPERM) return not_permitted(path);
  return fail(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
}

std::optional<std::string> trace_pipe_holder(const Root& root) {
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(root.at("/proc"), ignored)) {
    const std::string name = process.path().filename().string();
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size() || pid == ::getpid()) continue;
    if (!holds_trace_pipe(process.path())) continue;
    const auto comm = read_file(process.path() / "comm");
    return fmt::format("{} (pid {})", comm ? strip_right(*comm) : "a process", pid);
  }
  return std::nullopt;
}

}  // namespace disksnoop
