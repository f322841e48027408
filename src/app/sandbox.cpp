#include "app/sandbox.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "system/landlock.h"
#include "system/privileges.h"
#include "system/rights.h"
#include "system/syscall_filter.h"

namespace disksnoop {
namespace {

std::vector<uid_t> owners_of(const std::vector<int>& directories) {
  std::vector<uid_t> owners;
  for (const int directory : directories) {
    struct stat status = {};
    if (::fstat(directory, &status) == 0) owners.push_back(status.st_uid);
  }
  return owners;
}

}  // namespace

Result<void> Sandbox::drop_rights() const {
  if (!wanted_) {
    log_.info("sandbox off: all rights are kept while it traces");
    return {};
  }
  const KeptRights kept =
      rights_to_keep({.bpf = needs_.bpf && bpf_needs_capability(),
                      .low_port = needs_.port && is_low_port(*needs_.port, Root()),
                      .owners = owners_of(needs_.renewed_directories)},
                     current_user(), knows_cap_bpf());
  if (auto dropped = disksnoop::drop_rights(kept); !dropped) return dropped;
  log_.detail(fmt::format("sandbox: {}", describe_rights()));
  const auto version = restrict_files({}, needs_.renewed_directories);
  if (!version) {
    log_.warning(version.error().message);
  } else if (*version == 0) {
    log_.detail("sandbox: this kernel has no Landlock: files are forbidden by their user and by "
                "the filter of system calls alone");
  } else {
    log_.detail(fmt::format("sandbox: no file can be opened{} (Landlock {})",
                            needs_.renewed_directories.empty() ? "" : " but those that are renewed",
                            *version));
  }
  return {};
}

void Sandbox::restrict_calls() const {
  if (!wanted_) return;
  const auto allowed = restrict_syscalls(
      {.bpf = needs_.bpf, .serves = needs_.port.has_value(), .renewed = needs_.renewed_directories},
      Threads::kAll);
  if (!allowed) return log_.warning(allowed.error().message);
  log_.detail(fmt::format("sandbox: {} system calls are left", *allowed));
}

}  // namespace disksnoop
