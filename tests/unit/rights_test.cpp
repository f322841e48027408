#include "system/rights.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

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
  const KeptRights own = rights_to_keep({.owners = {0, 0}}, kRoot, true);
  EXPECT_FALSE(own.becomes);
  EXPECT_EQ(own.capabilities, Capabilities());
  const KeptRights others = rights_to_keep({.owners = {0, 33}}, kRoot, true);
  EXPECT_FALSE(others.becomes);
  EXPECT_EQ(others.capabilities, (Capabilities{CAP_DAC_OVERRIDE, CAP_FOWNER}));
  // It could write there, then, by its group, say.
  EXPECT_EQ(rights_to_keep({.owners = {33}}, kCaller, true).capabilities, Capabilities());
}

}  // namespace
}  // namespace disksnoop
