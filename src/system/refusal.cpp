#include "system/refusal.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

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

/// "A, B and C".
std::string list_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " and " : ", ";
    list += names[i];
  }
  return list;
}

Error not_permitted(std::string_view why, std::string way_out) {
  return error_with_way_out(fmt::format("not permitted to use BPF: {}", why), "; ",
                            std::move(way_out));
}

Error missing_capabilities(const PrivilegeFacts& facts) {
  constexpr std::uint64_t kNeeded = 1ULL << kBpf | 1ULL << kPerfmon;
  const bool bpf = has(facts, kBpf);
  const bool perfmon = has(facts, kPerfmon);
  std::vector<std::string_view> names;
  if (!bpf) names.emplace_back("CAP_BPF");
  if (!perfmon) names.emplace_back("CAP_PERFMON");
  const std::string missing = list_of(names) + " missing";
  if (!facts.in_container) {
    return not_permitted(missing,
                         "run as root, or give it (on a kernel before 5.8, CAP_SYS_ADMIN)");
  }
  // The container may have them, but they do not reach a user other than root.
  if ((facts.bounding_capabilities & kNeeded) == kNeeded) {
    return not_permitted(missing, "run the container with --user 0");
  }
  return not_permitted(missing, fmt::format("run the container with {}",
                                            bpf       ? "--cap-add PERFMON"
                                            : perfmon ? "--cap-add BPF"
                                                      : "--cap-add BPF --cap-add PERFMON"));
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

Refusal find_refusal(const PrivilegeFacts& facts) {
  if (facts.no_bpf_call && !facts.seccomp_filter) return Refusal::kNoCall;
  if (facts.in_user_namespace) return Refusal::kUserNamespace;
  const bool all = has(facts, kSysAdmin) || (has(facts, kBpf) && has(facts, kPerfmon));
  // Before seccomp: engines forbid bpf(2) because the capability is not there.
  if (!all) return Refusal::kCapabilities;
  if (facts.lockdown == "confidentiality") return Refusal::kLockdown;
  return facts.seccomp_filter ? Refusal::kSeccomp : Refusal::kModule;
}

Error explain_refusal(const PrivilegeFacts& facts) {
  switch (find_refusal(facts)) {
    case Refusal::kNoCall:
      return {"this kernel has no bpf(2)"};
    case Refusal::kUserNamespace:
      return not_permitted("this is a user namespace of its own",
                           "run the container as root of the host, with --userns host");
    case Refusal::kCapabilities:
      return missing_capabilities(facts);
    case Refusal::kLockdown:
      return not_permitted(
          "the kernel is locked down (confidentiality), which forbids reading its memory",
          "see /sys/kernel/security/lockdown");
    case Refusal::kSeccomp:
      return not_permitted("a seccomp filter forbids bpf(2)",
                           "run the container with --security-opt seccomp=seccomp.json (the one "
                           "in disksnoop's docker/)");
    case Refusal::kModule:
      break;
  }
  return {"not permitted to use BPF although the capabilities are there: a security module "
          "(SELinux, AppArmor) is in the way"};
}

std::string describe_capabilities(const PrivilegeFacts& facts) {
  std::vector<std::string_view> names;
  if (has(facts, kBpf)) names.emplace_back("CAP_BPF");
  if (has(facts, kPerfmon)) names.emplace_back("CAP_PERFMON");
  if (has(facts, kSysAdmin)) names.emplace_back("CAP_SYS_ADMIN");
  return list_of(names);
}

Error explain_map_refusal_by(std::string_view reason, std::optional<std::uint64_t> most_locked) {
  const std::string refusal = fmt::format("the kernel gives the program no map ({})", reason);
  if (most_locked && reason.ends_with(std::strerror(EPERM))) {
    return error_with_way_out(
        fmt::format("{}: only {} KiB of memory may be locked", refusal, *most_locked / 1024), "; ",
        "lift that with ulimit -l unlimited (a container: --ulimit memlock=-1)");
  }
  if (reason.ends_with(std::strerror(ENOMEM))) {
    return error_with_way_out(
        refusal, ": ", "take a smaller --buffer, or allow more memory (a container: --memory)");
  }
  return {refusal};
}

std::optional<Error> explain_map_refusal(std::string_view printed,
                                         std::optional<std::uint64_t> most_locked) {
  constexpr std::string_view kNoMap = "could not open bpf map: ";
  const std::size_t at = printed.find(kNoMap);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view reason = printed.substr(at + kNoMap.size());
  return explain_map_refusal_by(reason.substr(0, reason.find('\n')), most_locked);
}

}  // namespace disksnoop
