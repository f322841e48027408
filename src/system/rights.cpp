#include "system/rights.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <span>
#include <utility>

namespace disksnoop {
namespace {

/// Of all Linux distributions, and what the kernel shows for a user that it cannot
/// (kernel.overflowuid).
constexpr uid_t kNobody = 65534;
constexpr gid_t kNogroup = 65534;

constexpr capng_type_t kAlive = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);

/// Those of them that this process has, as the next capng_apply() sets them.
void choose(std::span<const unsigned> capabilities) {
  std::vector<unsigned> held;
  for (const unsigned capability : capabilities) {
    if (capng_have_capability(CAPNG_PERMITTED, capability) == 1) held.push_back(capability);
  }
  capng_clear(CAPNG_SELECT_BOTH);
  for (const unsigned capability : held) {
    if (capng_update(CAPNG_ADD, kAlive, capability) != 0) return;
  }
}

/// Reads those of this thread. Where that cannot be, there are none to be kept.
void look() {
  if (capng_get_caps_process() != 0) capng_clear(CAPNG_SELECT_BOTH);
}

bool has(unsigned capability) { return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1; }

/// With the capabilities that were chosen.
bool change_user(const std::pair<uid_t, gid_t>& becomes) {
  return capng_change_id(static_cast<int>(becomes.first), static_cast<int>(becomes.second),
                         CAPNG_DROP_SUPP_GRP) == 0;
}

Result<void> apply(capng_select_t which) {
  if (capng_apply(which) == 0) return {};
  return fail("the kernel does not let it give up capabilities");
}

}  // namespace

KeptRights rights_to_keep(const RightsNeeded& needed, const User& user, bool knows_cap_bpf) {
  KeptRights kept;
  if (needed.bpf) kept.capabilities.push_back(knows_cap_bpf ? CAP_BPF : CAP_SYS_ADMIN);
  if (needed.low_port) kept.capabilities.push_back(CAP_NET_BIND_SERVICE);
  if (needed.renewal) {
    if (needed.renewal_by_capability) {
      kept.capabilities.insert(kept.capabilities.end(), {CAP_DAC_OVERRIDE, CAP_FOWNER});
    }
    return kept;
  }
  if (user.effective != 0) return kept;
  kept.becomes =
      user.real != 0 ? std::pair(user.real, user.real_group) : std::pair(kNobody, kNogroup);
  return kept;
}

WithoutCapabilities::WithoutCapabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  if (::syscall(SYS_capget, &header, before_) != 0) return;
  __user_cap_data_struct without[_LINUX_CAPABILITY_U32S_3] = {before_[0], before_[1]};
  for (auto& set : without) set.effective = 0;
  changed_ = ::syscall(SYS_capset, &header, without) == 0;
}

WithoutCapabilities::~WithoutCapabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  if (changed_) ::syscall(SYS_capset, &header, before_);
}

bool can_renew_without_capabilities(int directory) {
  struct stat status = {};
  const bool others_are_kept = ::fstat(directory, &status) == 0 &&
                               (status.st_mode & S_ISVTX) != 0 && status.st_uid != ::geteuid();
  const WithoutCapabilities without;
  return !others_are_kept && ::faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) == 0;
}

namespace {

/// The signal that this process gets when its parent ends, as `unshare --kill-child` has it: the
/// kernel forgets it when the user changes (commit_creds() in kernel/cred.c).
class ParentDeathSignal {
 public:
  ParentDeathSignal() { ::prctl(PR_GET_PDEATHSIG, &signal_, 0, 0, 0); }
  ~ParentDeathSignal() {
    if (signal_ == 0) return;
    ::prctl(PR_SET_PDEATHSIG, signal_, 0, 0, 0);
    if (::getppid() != parent_) ::raise(signal_);
  }
  ParentDeathSignal(const ParentDeathSignal&) = delete;
  ParentDeathSignal& operator=(const ParentDeathSignal&) = delete;

 private:
  pid_t parent_ = ::getppid();
  int signal_ = 0;
};

Result<void> empty_bounding_set() {
  capng_clear(CAPNG_SELECT_BOUNDS);
  // It does not tell of each that the kernel leaves.
  bool is_empty = capng_apply(CAPNG_SELECT_BOUNDS) == 0;
  int is_there = 0;
  for (unsigned capability = 0; is_there >= 0; ++capability) {
    is_there = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (is_there == 1) is_empty = false;
  }
  if (is_empty) return {};
  return fail("the kernel does not let it empty the capability bounding set");
}

/// As the user that it becomes, if it may.
Result<void> keep_only(const KeptRights& kept) {
  const bool changes_user = kept.becomes && has(CAP_SETUID) && has(CAP_SETGID);
  choose(kept.capabilities);
  if (changes_user && change_user(*kept.becomes)) return {};
  // A user namespace may not have that user. What was raised to become it goes too.
  look();
  choose(kept.capabilities);
  return apply(CAPNG_SELECT_CAPS);
}

}  // namespace

Result<void> drop_rights(const KeptRights& kept) {
  const ParentDeathSignal parent_death_signal;
  // Of root the kernel does not count the threads, of nobody those of all its processes.
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  if (kept.becomes) ::setrlimit(RLIMIT_NPROC, &unlimited);
  look();
  const auto bounded = has(CAP_SETPCAP) ? empty_bounding_set() : Result<void>();
  const auto changed = keep_only(kept);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return bounded ? changed : bounded;
}

Result<void> keep_rights_of_compiling() {
  look();
  std::vector<unsigned> kept = {CAP_BPF, CAP_PERFMON, CAP_SYS_RESOURCE};
  if (!has(CAP_BPF) || !has(CAP_PERFMON)) kept.push_back(CAP_SYS_ADMIN);
  // Root of a container often has the other one alone.
  kept.push_back(has(CAP_DAC_READ_SEARCH) ? CAP_DAC_READ_SEARCH : CAP_DAC_OVERRIDE);
  choose(kept);
  return apply(CAPNG_SELECT_CAPS);
}

User current_user() { return {::getuid(), ::geteuid(), ::getgid()}; }

bool knows_cap_bpf() { return ::prctl(PR_CAPBSET_READ, CAP_BPF, 0, 0, 0) >= 0; }

std::string describe_rights() {
  look();
  std::string names;
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if (capng_have_capability(CAPNG_PERMITTED, capability) != 1) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", capng_capability_to_name(capability));
  }
  return fmt::format("user {}, group {}, {}", ::geteuid(), ::getegid(),
                     names.empty() ? "no capability" : "of the capabilities " + names);
}

}  // namespace disksnoop
