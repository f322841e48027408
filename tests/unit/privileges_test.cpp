#include "kernel/privileges.h"

#include <gtest/gtest.h>

#include "test_files.h"

namespace disksnoop {
namespace {

TEST(PrivilegeFacts, AreReadBelowTheRoot) {
  const TemporaryDirectory directory;
  directory.write("/proc/self/status", "Name:\tx\nCapEff:\t0000008000000000\nSeccomp:\t2\n");
  directory.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  const PrivilegeFacts facts = read_privilege_facts(Root(directory.path()));
  EXPECT_EQ(facts.effective_capabilities, 1ULL << 39);
  EXPECT_TRUE(facts.seccomp_filter);
  EXPECT_EQ(facts.lockdown, "integrity");
  EXPECT_FALSE(facts.in_container);
}

TEST(PrivilegeFacts, ContainersLeaveAMark) {
  for (const auto mark : {"/.dockerenv", "/run/.containerenv"}) {
    const TemporaryDirectory directory;
    directory.write(mark, "");
    EXPECT_TRUE(read_privilege_facts(Root(directory.path())).in_container) << mark;
  }
}

TEST(PrivilegeFacts, NothingThereIsNothingAllowed) {
  const TemporaryDirectory directory;
  const PrivilegeFacts facts = read_privilege_facts(Root(directory.path()));
  EXPECT_EQ(facts.effective_capabilities, 0U);
  EXPECT_FALSE(facts.seccomp_filter);
  EXPECT_EQ(facts.lockdown, "");
}

}  // namespace
}  // namespace disksnoop
