#include "system/landlock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "system/unique_fd.h"

namespace disksnoop {
namespace {

/// Of later kernels than the headers that this is built with may know
/// (include/uapi/linux/landlock.h of 6.2 and 6.10).
constexpr std::uint64_t kTruncate = 1ULL << 14;
constexpr std::uint64_t kIoctlDevice = 1ULL << 15;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kRenew =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

/// All that a Landlock of this version can forbid.
constexpr std::uint64_t accesses_of(int version) {
  std::uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (version >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) all |= kTruncate;
  if (version >= 5) all |= kIoctlDevice;
  return all;
}

// glibc has no functions for these calls.
int landlock_version() {
  return static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

bool allow(int rules, int directory, std::uint64_t accesses) {
  const landlock_path_beneath_attr rule = {.allowed_access = accesses, .parent_fd = directory};
  return ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

std::unexpected<Error> refused() {
  return fail(fmt::format("the kernel's Landlock refuses: {}", std::strerror(errno)));
}

}  // namespace

Result<int> restrict_files(const std::vector<std::filesystem::path>& readable,
                           std::span<const int> renewed) {
  const int version = landlock_version();
  if (version < 0 && errno != ENOSYS && errno != EOPNOTSUPP) return refused();
  if (version <= 0) return 0;
  landlock_ruleset_attr handled = {};  // of which newer headers have more members
  handled.handled_access_fs = accesses_of(version);
  const UniqueFd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0)));
  if (!rules) return refused();
  for (const std::filesystem::path& path : readable) {
    const UniqueFd top(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!top) continue;  // then there is nothing to be opened
    if (!allow(rules.get(), top.get(), kRead)) return refused();
  }
  for (const int directory : renewed) {
    if (!allow(rules.get(), directory, kRenew)) return refused();
  }
  // It takes no one's rights that could gain some.
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return refused();
  return version;
}

}  // namespace disksnoop
