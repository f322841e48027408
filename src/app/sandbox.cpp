#include "app/sandbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "system/landlock.h"
#include "system/privileges.h"
#include "system/rights.h"
#include "system/syscall_filter.h"

namespace disksnoop {
namespace {

bool takes_a_capability(int directory) { return !can_renew_without_capabilities(directory); }

}  // namespace

Result<void> Sandbox::enter(const std::function<Result<void>()>& start_threads) const {
  if (!wanted_) {
    log_.info("all rights are kept while it traces");
    return start_threads();
  }
  drop_rights();
  forbid_files();
  if (auto started = start_threads(); !started) return started;
  restrict_calls();
  return {};
}

void Sandbox::drop_rights() const {
  const std::vector<int>& renewed = needs_.renewed_directories;
  const KeptRights kept =
      rights_to_keep({.bpf = needs_.bpf && bpf_needs_capability(),
                      .low_port = needs_.port && is_low_port(*needs_.port, Root()),
                      .renewal = !renewed.empty(),
                      .renewal_by_capability = std::ranges::any_of(renewed, takes_a_capability)},
                     current_user(), knows_cap_bpf());
  if (const auto dropped = disksnoop::drop_rights(kept); !dropped) tell(dropped.error());
  log_.detail(fmt::format("sandbox: {}", describe_rights()));
}

void Sandbox::forbid_files() const {
  const auto version = restrict_files({}, needs_.renewed_directories);
  if (!version) return tell(version.error());
  if (*version == 0) return log_.detail("sandbox: this kernel has no Landlock");
  log_.detail(fmt::format("sandbox: no file can be opened{} (Landlock {})",
                          needs_.renewed_directories.empty() ? "" : " but where files are renewed",
                          *version));
}

void Sandbox::tell(const Error& refusal) const {
  log_.warning(fmt::format("the sandbox has a hole: {}", refusal.message));
}

void Sandbox::restrict_calls() const {
  const auto allowed = restrict_syscalls(
      {.bpf = needs_.bpf, .serves = needs_.port.has_value(), .renewed = needs_.renewed_directories},
      Threads::kAll);
  if (!allowed) return tell(allowed.error());
  log_.detail(fmt::format("sandbox: {} system calls are left", *allowed));
}

}  // namespace disksnoop
