#include "system/refusal.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

constexpr std::uint64_t kSysAdmin = 1ULL << 21;
constexpr std::uint64_t kPerfmon = 1ULL << 38;
constexpr std::uint64_t kBpf = 1ULL << 39;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

PrivilegeFacts with(std::uint64_t capabilities) {
  PrivilegeFacts facts;
  facts.effective_capabilities = capabilities;
  return facts;
}

TEST(ProcessStatus, CapabilitiesAndSeccomp) {
  const PrivilegeFacts facts = parse_process_status(
      "Name:\tdisksnoop\nCapPrm:\t0000000000000001\nCapEff:\t000000c000000000\n"
      "CapBnd:\t000001ffffffffff\nSeccomp:\t2\nSeccomp_filters:\t1\n");
  EXPECT_EQ(facts.effective_capabilities, kBpf | kPerfmon);
  EXPECT_EQ(facts.bounding_capabilities, 0x1ffffffffffULL);
  EXPECT_TRUE(facts.seccomp_filter);
}

TEST(ProcessStatus, NoFilter) {
  for (const auto seccomp : {"0", "1"}) {
    const PrivilegeFacts facts =
        parse_process_status(std::string("Name:\tx\nSeccomp:\t") + seccomp + "\n");
    EXPECT_FALSE(facts.seccomp_filter) << seccomp;
    EXPECT_EQ(facts.effective_capabilities, 0U);
  }
}

TEST(ProcessStatus, ANameCannotPretend) {
  const PrivilegeFacts facts =
      parse_process_status("Name:\tCapEff: ffffffffffffffff\nCapEff:\t0000000000000000\n");
  EXPECT_EQ(facts.effective_capabilities, 0U);
}

TEST(UidMap, OnlyTheHostsMapsAllToItself) {
  EXPECT_FALSE(parse_uid_map("         0          0 4294967295\n"));
  EXPECT_TRUE(parse_uid_map("         0       1000          1\n"));
  EXPECT_TRUE(parse_uid_map("         0          0      65536\n"));
  EXPECT_TRUE(
      parse_uid_map("         0       1000          1\n         1     100000      65536\n"));
  EXPECT_FALSE(parse_uid_map(""));
}

TEST(LockdownLevel, TheLevelInBrackets) {
  EXPECT_EQ(parse_lockdown("[none] integrity confidentiality\n"), "none");
  EXPECT_EQ(parse_lockdown("none [integrity] confidentiality\n"), "integrity");
  EXPECT_EQ(parse_lockdown("none integrity [confidentiality]\n"), "confidentiality");
  EXPECT_EQ(parse_lockdown(""), "");
  EXPECT_EQ(parse_lockdown("none"), "");
  EXPECT_EQ(parse_lockdown("] ["), "");
}

TEST(Refusal, NamesTheMissingCapabilities) {
  const std::string none = explain_refusal({}).message;
  EXPECT_TRUE(contains(none, "CAP_BPF and CAP_PERFMON missing")) << none;
  EXPECT_TRUE(contains(none, "run as root"));

  const std::string perfmon = explain_refusal(with(kBpf)).message;
  EXPECT_TRUE(contains(perfmon, "CAP_PERFMON missing"));
  EXPECT_FALSE(contains(perfmon, "CAP_BPF"));

  const std::string bpf = explain_refusal(with(kPerfmon)).message;
  EXPECT_TRUE(contains(bpf, "CAP_BPF missing"));
  EXPECT_FALSE(contains(bpf, "CAP_PERFMON"));
}

TEST(Refusal, InAContainerTheWayOutIsItsOption) {
  PrivilegeFacts facts;
  facts.in_container = true;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "--cap-add BPF --cap-add PERFMON"));
  facts.effective_capabilities = kBpf;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "with --cap-add PERFMON"));
  facts.effective_capabilities = kPerfmon;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "with --cap-add BPF"));
}

TEST(Refusal, TheContainerMayHaveThemButNotItsUser) {
  PrivilegeFacts facts;
  facts.in_container = true;
  facts.bounding_capabilities = kBpf | kPerfmon;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "--user 0"));
  EXPECT_FALSE(contains(explain_refusal(facts).message, "--cap-add"));
  facts.bounding_capabilities = kBpf;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "--cap-add"));
  EXPECT_FALSE(contains(explain_refusal(facts).message, "--user 0"));
}

TEST(Refusal, InAUserNamespaceNoCapabilityHelps) {
  PrivilegeFacts facts = with(kBpf | kPerfmon);
  facts.in_user_namespace = true;
  facts.seccomp_filter = true;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "--userns host"));
}

TEST(Refusal, NoCallIsTheFiltersDoingOrTheKernels) {
  PrivilegeFacts facts = with(kBpf | kPerfmon);
  facts.no_bpf_call = true;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "kernel"));
  facts.seccomp_filter = true;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "--security-opt seccomp="));
  facts.effective_capabilities = kPerfmon;
  EXPECT_TRUE(contains(explain_refusal(facts).message, "CAP_BPF missing"));
}

TEST(Refusal, WithTheCapabilitiesItIsSomethingElse) {
  for (const std::uint64_t capabilities : {kSysAdmin, kBpf | kPerfmon}) {
    PrivilegeFacts facts = with(capabilities);
    facts.lockdown = "integrity";
    EXPECT_TRUE(contains(explain_refusal(facts).message, "security module"));
    facts.seccomp_filter = true;
    EXPECT_TRUE(contains(explain_refusal(facts).message, "seccomp"));
    facts.lockdown = "confidentiality";
    EXPECT_TRUE(contains(explain_refusal(facts).message, "locked down"));
  }
}

TEST(Refusal, TheWayOutIsTheEndOfTheLine) {
  const Error error = explain_refusal({});
  EXPECT_EQ(what_of(error), "not permitted to use BPF: CAP_BPF and CAP_PERFMON missing");
  EXPECT_EQ(error.way_out, "run as root, or give it (on a kernel before 5.8, CAP_SYS_ADMIN)");
  EXPECT_EQ(error.message, std::string(what_of(error)) + "; " + error.way_out);
}

TEST(Refusal, CapabilitiesThatTracingCanTakeAreNamed) {
  EXPECT_EQ(describe_capabilities({}), "");
  EXPECT_EQ(describe_capabilities(with(kPerfmon | 1)), "CAP_PERFMON");
  EXPECT_EQ(describe_capabilities(with(kBpf | kPerfmon | kSysAdmin)),
            "CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN");
}

TEST(Refusal, IsOneLine) {
  for (const std::uint64_t capabilities : {std::uint64_t{0}, kSysAdmin}) {
    EXPECT_FALSE(contains(explain_refusal(with(capabilities)).message, "\n"));
  }
}

TEST(ExplainMapRefusal, LittleLockedMemoryIsTheCause) {
  const auto refusal = explain_map_refusal(
      "before\ncould not open bpf map: start, error: Operation not permitted\nafter\n", 65536);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(
      refusal->message,
      "the kernel gives the program no map (start, error: Operation not permitted): only 64 "
      "KiB of memory may be locked; lift that with ulimit -l unlimited (a container: --ulimit "
      "memlock=-1)");
}

TEST(ExplainMapRefusal, ABufferThatDoesNotFitIsTheUsersToMakeSmaller) {
  const std::string no_room = "could not open bpf map: events, error: Cannot allocate memory\n";
  EXPECT_EQ(explain_map_refusal(no_room, 65536)->message,
            "the kernel gives the program no map (events, error: Cannot allocate memory): take a "
            "smaller --buffer, or allow more memory (a container: --memory)");
}

TEST(ExplainMapRefusal, OtherCausesAreNot) {
  const std::string forbidden = "could not open bpf map: start, error: Operation not permitted\n";
  EXPECT_EQ(explain_map_refusal(forbidden, std::nullopt)->message,
            "the kernel gives the program no map (start, error: Operation not permitted)");
}

TEST(ExplainMapRefusal, OtherMessagesAreNoRefusal) {
  EXPECT_FALSE(explain_map_refusal("", 65536));
  EXPECT_FALSE(explain_map_refusal("error: no member named 'di'\n", 65536));
}

}  // namespace
}  // namespace disksnoop
