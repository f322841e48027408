// The rights that this process keeps while it traces: its user and its capabilities(7).
#pragma once

#include <linux/capability.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace disksnoop {

/// What goes on that can need a right.
struct RightsNeeded {
  /// bpf(2), which this kernel refuses without a capability.
  bool bpf = false;
  /// A port that only CAP_NET_BIND_SERVICE lets a process listen on.
  bool low_port = false;
  /// Files are renewed in a directory.
  bool renewal = false;
  /// And that takes a capability.
  bool renewal_by_capability = false;
};

/// While it exists, this thread has no capability in effect.
class WithoutCapabilities {
 public:
  WithoutCapabilities();
  ~WithoutCapabilities();
  WithoutCapabilities(const WithoutCapabilities&) = delete;
  WithoutCapabilities& operator=(const WithoutCapabilities&) = delete;

 private:
  __user_cap_data_struct before_[_LINUX_CAPABILITY_U32S_3] = {};
  bool changed_ = false;
};

/// Whether this user can make and replace files in a directory (its descriptor) without
/// capabilities.
bool can_renew_without_capabilities(int directory);

/// Who this process is.
struct User {
  uid_t real = 0;
  uid_t effective = 0;
  gid_t real_group = 0;
};

/// What is left of them.
struct KeptRights {
  std::optional<std::pair<uid_t, gid_t>> becomes;  ///< none: stays who it is
  std::vector<unsigned> capabilities;              ///< numbers of include/uapi/linux/capability.h
};

/// The least with which all goes on. Root becomes nobody, or who called a set-user-ID file;
/// unless files are renewed, which then belong to who they belonged to. Other users stay what
/// they are. `knows_cap_bpf`: Linux 5.8 and later; CAP_SYS_ADMIN stands for it before.
KeptRights rights_to_keep(const RightsNeeded& needed, const User& user, bool knows_cap_bpf);

/// Gives up all other rights, for good, in this thread and those that it starts; there is no other
/// yet. What a container does not let it change stays as it is: describe_rights() tells. From then
/// on it leaves no core dump (prctl(2), PR_SET_DUMPABLE). Error: capabilities could not be given
/// up; all else was.
Result<void> drop_rights(const KeptRights& kept);

/// Keeps of the capabilities only what compiling a BPF program takes (BPF, PERFMON, more locked
/// memory; reaching headers in a directory of another user, as $TMPDIR may be), for good, in this
/// thread. Error: as of drop_rights().
Result<void> keep_rights_of_compiling();

User current_user();
/// Whether this kernel has CAP_BPF (5.8).
bool knows_cap_bpf();

/// "user 65534, group 65534, no capability" of this thread, as they are now.
std::string describe_rights();

}  // namespace disksnoop
