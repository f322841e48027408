#include "system/rights.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/unique_fd.h"
#include "test_files.h"

namespace disksnoop {
namespace {

constexpr User kRoot = {0, 0, 0};
constexpr User kCaller = {1000, 1000, 1000};
const std::pair<uid_t, gid_t> kNobody = {65534, 65534};

using Capabilities = std::vector<unsigned>;

TEST(Rights, RootBecomesNobodyAndKeepsNothing) {
  const KeptRights kept = rights_to_keep({}, kRoot, true);
  EXPECT_EQ(kept.becomes, kNobody);
  EXPECT_EQ(kept.capabilities, Capabilities());
}

TEST(Rights, AnotherUserStaysWhoItIs) {
  const KeptRights kept = rights_to_keep({}, kCaller, true);
  EXPECT_FALSE(kept.becomes);
  EXPECT_EQ(kept.capabilities, Capabilities());
}

/// Who called it may end it.
TEST(Rights, SetUserIdBecomesItsCaller) {
  const KeptRights kept =
      rights_to_keep({}, {.real = 1000, .effective = 0, .real_group = 100}, true);
  EXPECT_EQ(kept.becomes, std::pair(uid_t{1000}, gid_t{100}));
}

TEST(Rights, WhatAKernelRefusesWithout) {
  EXPECT_EQ(rights_to_keep({.bpf = true}, kRoot, true).capabilities, Capabilities{CAP_BPF});
  EXPECT_EQ(rights_to_keep({.bpf = true}, kRoot, false).capabilities, Capabilities{CAP_SYS_ADMIN});
  EXPECT_EQ(rights_to_keep({.bpf = true}, kCaller, true).capabilities, Capabilities{CAP_BPF});
  EXPECT_EQ(rights_to_keep({.low_port = true}, kRoot, true).capabilities,
            Capabilities{CAP_NET_BIND_SERVICE});
}

/// Files that are renewed belong to who they belonged to.
TEST(Rights, StaysTheUserWhoRenewsFiles) {
  const KeptRights own = rights_to_keep({.renewal = true}, kRoot, true);
  EXPECT_FALSE(own.becomes);
  EXPECT_EQ(own.capabilities, Capabilities());
  const KeptRights others =
      rights_to_keep({.renewal = true, .renewal_by_capability = true}, kRoot, true);
  EXPECT_FALSE(others.becomes);
  EXPECT_EQ(others.capabilities, (Capabilities{CAP_DAC_OVERRIDE, CAP_FOWNER}));
}

class Renewal : public testing::Test {
 protected:
  bool can(mode_t mode, uid_t owner) {
    EXPECT_EQ(::chown(directory_.path().c_str(), owner, 0), 0);
    EXPECT_EQ(::chmod(directory_.path().c_str(), mode), 0);
    const UniqueFd fd(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY));
    return can_renew_without_capabilities(fd.get());
  }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give directories away";
  }

  TemporaryDirectory directory_;
};

TEST_F(Renewal, TakesACapabilityWhereTheModeForbidsIt) {
  EXPECT_TRUE(can(0755, 0));
  EXPECT_TRUE(can(0777, 12345));
  EXPECT_TRUE(can(01777, 0));
  EXPECT_FALSE(can(0755, 12345));
  EXPECT_FALSE(can(0555, 0));
  EXPECT_FALSE(can(01777, 12345));  // where the files of others cannot be replaced
}

TEST(Rights, AreInEffectAgainAfterwards) {
  const std::string before = describe_rights();
  { const WithoutCapabilities without; }
  EXPECT_EQ(describe_rights(), before);
}

}  // namespace
}  // namespace disksnoop
