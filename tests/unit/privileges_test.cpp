#include "system/privileges.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "test_fds.h"
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

/// A machine whose kernel is locked down like this.
class Lockdown : public testing::Test {
 protected:
  void lock_down(std::string_view levels) {
    directory_.write("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n");
    directory_.write("/sys/kernel/security/lockdown", levels);
  }
  std::string refusal() const {
    const auto permitted = check_bpf_permitted(Root(directory_.path()));
    return permitted ? "" : permitted.error().message;
  }

  TemporaryDirectory directory_;
};

TEST_F(Lockdown, ConfidentialityForbidsTracing) {
  lock_down("none integrity [confidentiality]\n");
  EXPECT_NE(refusal().find("locked down (confidentiality)"), std::string::npos) << refusal();
}

TEST_F(Lockdown, OtherLevelsDoNot) {
  for (const auto levels :
       {"none [integrity] confidentiality\n", "[none] integrity confidentiality\n"}) {
    lock_down(levels);
    EXPECT_EQ(refusal().find("locked down"), std::string::npos) << refusal();
  }
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1U : 0U;
  return count;
}

TEST(CheckBpfPermitted, LeavesNoProgramBehind) {
  const std::size_t before = open_descriptors();
  if (const auto permitted = check_bpf_permitted(Root()); !permitted) {
    GTEST_SKIP() << permitted.error().message;
  }
  EXPECT_EQ(open_descriptors(), before) << "a program lives as long as its descriptor";
}

/// From here on bpf(2) is not there, in this process.
bool take_bpf_away() {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(CheckBpfPermitted, AKernelWithoutTheCallIsToldAsThat) {
  const TemporaryDirectory directory;
  directory.write("/proc/self/status",
                  "Name:\tx\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n");
  Pipe told = make_pipe();
  const pid_t process = ::fork();
  if (process == 0) {
    if (!take_bpf_away()) write_text(told.writer, "no filter");
    const auto permitted = check_bpf_permitted(Root(directory.path()));
    write_text(told.writer, permitted ? "permitted" : permitted.error().message);
    ::_exit(0);
  }
  told.writer = UniqueFd();
  EXPECT_EQ(read_to_end(told.reader), "this kernel has no bpf(2)");
  ::waitpid(process, nullptr, 0);
}

}  // namespace
}  // namespace disksnoop
