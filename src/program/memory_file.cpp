#include "program/memory_file.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace disksnoop {

Result<UniqueFd> make_memory_file(const char* name) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd) return fail(fmt::format("cannot make a file in memory: {}", std::strerror(errno)));
  return fd;
}

}  // namespace disksnoop
