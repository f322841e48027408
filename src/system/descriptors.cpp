#include "system/descriptors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

namespace disksnoop {
namespace {

/// The limit with which `needed` more descriptors are free below it.
rlim_t limit_for(std::size_t needed) {
  int fd = 0;
  for (std::size_t free = 0; free < needed; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ++free;
  }
  return static_cast<rlim_t>(fd);
}

}  // namespace

Result<void> require_descriptors(std::size_t needed) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  const rlim_t wanted = limit_for(needed);
  if (wanted <= limit.rlim_cur) return {};
  const rlimit raised = {.rlim_cur = wanted, .rlim_max = limit.rlim_max};
  if (wanted <= limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  return std::unexpected(error_with_way_out(
      fmt::format("only {} files may be open at once, and {} are needed", limit.rlim_max, wanted),
      ": ",
      fmt::format("raise that with ulimit -n {} (a container: --ulimit nofile={})", wanted,
                  wanted)));
}

}  // namespace disksnoop
