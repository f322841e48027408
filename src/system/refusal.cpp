#include "system/refusal.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace disksnoop {
namespace {

// include/uapi/linux/capability.h
constexpr unsigned kSysAdmin = 21;
constexpr unsigned kPerfmon = 38;
constexpr unsigned kBpf = 39;

bool has(const PrivilegeFacts& facts, unsigned capability) {
  return (facts.effective_capabilities >> capability & 1) != 0;
}

/// The text after "NAME:" and white space, up to the end of its line.
std::string_view field(std::string_view status, std::string_view name) {
  const std::string key = fmt::format("\n{}:", name);
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return "";
  std::string_view value = status.substr(at + key.size());
  value = value.substr(0, value.find('\n'));
  const std::size_t begin = value.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : value.substr(begin);
}

std::uint64_t parse_hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

std::string missing_capabilities(const PrivilegeFacts& facts) {
  constexpr std::uint64_t kNeeded = 1ULL << kBpf | 1ULL << kPerfmon;
  const bool bpf = has(facts, kBpf);
  const bool perfmon = has(facts, kPerfmon);
  const std::string names = bpf ? "CAP_PERFMON" : perfmon ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
  const std::string refused = fmt::format("not permitted to use BPF: {} missing; ", names);
  if (!facts.in_container) {
    return refused + "run as root, or give it (on a kernel before 5.8, CAP_SYS_ADMIN)";
  }
  // The container may have them, but they do not reach a user other than root.
  if ((facts.bounding_capabilities & kNeeded) == kNeeded) {
    return refused + "run the container with --user 0";
  }
  return fmt::format("{}run the container with {}", refused,
                     bpf       ? "--cap-add PERFMON"
                     : perfmon ? "--cap-add BPF"
                               : "--cap-add BPF --cap-add PERFMON");
}

std::string forbidden_by_seccomp() {
  return "not permitted to use BPF: a seccomp filter forbids bpf(2); run the container with "
         "--security-opt seccomp=seccomp.json (the one in disksnoop's docker/)";
}

}  // namespace

PrivilegeFacts parse_process_status(std::string_view status) {
  PrivilegeFacts facts;
  facts.effective_capabilities = parse_hexadecimal(field(status, "CapEff"));
  facts.bounding_capabilities = parse_hexadecimal(field(status, "CapBnd"));
  facts.seccomp_filter = field(status, "Seccomp") == "2";
  return facts;
}

bool parse_uid_map(std::string_view text) {
  // The host's maps every id to itself, in one line.
  std::string words;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) words += c;
    if (blank && !words.empty() && words.back() != ' ') words += ' ';
  }
  return !words.empty() && words != "0 0 4294967295 ";
}

std::string parse_lockdown(std::string_view text) {
  const std::size_t begin = text.find('[');
  const std::size_t end = text.find(']');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  return std::string(text.substr(begin + 1, end - begin - 1));
}

std::string explain_refusal(const PrivilegeFacts& facts) {
  if (facts.no_bpf_call && !facts.seccomp_filter) return "this kernel has no bpf(2)";
  if (facts.in_user_namespace) {
    return "not permitted to use BPF: this is a user namespace of its own; run the container as "
           "root of the host, with --userns host";
  }
  const bool all = has(facts, kSysAdmin) || (has(facts, kBpf) && has(facts, kPerfmon));
  // Before seccomp: engines forbid bpf(2) because the capability is not there.
  if (!all) return missing_capabilities(facts);
  if (facts.lockdown == "confidentiality") {
    return "not permitted to use BPF: the kernel is locked down (confidentiality), which forbids "
           "reading its memory; see /sys/kernel/security/lockdown";
  }
  if (facts.seccomp_filter) return forbidden_by_seccomp();
  return "not permitted to use BPF although the capabilities are there: a security module "
         "(SELinux, AppArmor) is in the way";
}

std::optional<std::string> explain_map_refusal(std::string_view printed,
                                               std::optional<std::uint64_t> most_locked) {
  constexpr std::string_view kNoMap = "could not open bpf map: ";
  const std::size_t at = printed.find(kNoMap);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view reason = printed.substr(at + kNoMap.size());
  reason = reason.substr(0, reason.find('\n'));
  std::string refusal = fmt::format("the kernel gives the program no map ({})", reason);
  if (most_locked && reason.ends_with(std::strerror(EPERM))) {
    refusal += fmt::format(
        ": only {} KiB of memory may be locked; lift that with ulimit -l unlimited (a container: "
        "--ulimit memlock=-1)",
        *most_locked / 1024);
  }
  if (reason.ends_with(std::strerror(ENOMEM))) {
    refusal += ": take a smaller --buffer, or allow more memory (a container: --memory)";
  }
  return refusal;
}

}  // namespace disksnoop
