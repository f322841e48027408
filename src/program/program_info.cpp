#include "program/program_info.h"

#include <bpf/bpf.h>

namespace disksnoop {

std::uint64_t skipped_runs(int program_fd) {
  bpf_prog_info info = {};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) != 0) return 0;
  return info.recursion_misses;
}

}  // namespace disksnoop
