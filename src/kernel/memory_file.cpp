#include "kernel/memory_file.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace disksnoop {

Result<UniqueFd> make_memory_file(const char* name) {
  // Linux 6.3 and newer can insist on it (sysctl vm.memfd_noexec=2), older ones
  // do not know it.
  constexpr unsigned kNeverExecuted = 0x0008;  // MFD_NOEXEC_SEAL, uapi/linux/memfd.h
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | kNeverExecuted));
  if (!fd && errno == EINVAL) fd = UniqueFd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd) return fail(fmt::format("cannot make a file in memory: {}", std::strerror(errno)));
  return fd;
}

}  // namespace disksnoop
