#include "kernel/privileges.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "test_files.h"

namespace disksnoop {
namespace {

/// The marks of a container that the test itself may run in.
class PrivilegeFactsTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("container");
    ::unsetenv("KUBERNETES_SERVICE_HOST");
  }
};

TEST_F(PrivilegeFactsTest, AreReadBelowTheRoot) {
  const TemporaryDirectory directory;
  directory.write("/proc/self/status", "Name:\tx\nCapEff:\t0000008000000000\nSeccomp:\t2\n");
  directory.write("/proc/self/uid_map", "         0       1000          1\n");
  directory.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  const PrivilegeFacts facts = read_privilege_facts(Root(directory.path()));
  EXPECT_EQ(facts.effective_capabilities, 1ULL << 39);
  EXPECT_TRUE(facts.seccomp_filter);
  EXPECT_EQ(facts.lockdown, "integrity");
  EXPECT_TRUE(facts.in_user_namespace);
  EXPECT_FALSE(facts.in_container);
}

TEST_F(PrivilegeFactsTest, ContainersLeaveAMark) {
  for (const auto mark : {"/.dockerenv", "/run/.containerenv"}) {
    const TemporaryDirectory directory;
    directory.write(mark, "");
    EXPECT_TRUE(read_privilege_facts(Root(directory.path())).in_container) << mark;
  }
}

TEST_F(PrivilegeFactsTest, ContainersSetAVariable) {
  for (const auto name : {"container", "KUBERNETES_SERVICE_HOST"}) {
    const TemporaryDirectory directory;
    EXPECT_FALSE(read_privilege_facts(Root(directory.path())).in_container);
    ::setenv(name, "x", 1);
    EXPECT_TRUE(read_privilege_facts(Root(directory.path())).in_container) << name;
    ::unsetenv(name);
  }
}

TEST_F(PrivilegeFactsTest, NothingThereIsNothingAllowed) {
  const TemporaryDirectory directory;
  const PrivilegeFacts facts = read_privilege_facts(Root(directory.path()));
  EXPECT_EQ(facts.effective_capabilities, 0U);
  EXPECT_FALSE(facts.seccomp_filter);
  EXPECT_EQ(facts.lockdown, "");
  EXPECT_FALSE(facts.in_user_namespace);
}

}  // namespace
}  // namespace disksnoop
