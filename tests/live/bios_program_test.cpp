// Bios whose completion the kernel does not show: what comes to their address afterwards, and what
// becomes of those to whose address nothing comes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "block_rq_driver.h"
#include "fake_requests.h"
#include "tracepoint/name_condition.h"
#include "tracepoint/slots.h"

namespace disksnoop::testing {
namespace {

constexpr std::uint64_t kElevenMinutesNs = 660'000'000'000;

/// Where bios in flight are kept: in slots or, where those cannot be had, in the hash alone.
class BiosProgram : public ::testing::TestWithParam<SlotClaim> {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
    if (GetParam() > slot_claim()) GTEST_SKIP() << "it has no such slots here";
    auto btf = kernel_btf();
    ASSERT_TRUE(btf) << btf.error().message;
    btf_.emplace(std::move(*btf));
    if (!btf_->find_member("bio", "bi_bdev")) GTEST_SKIP() << "bios have no block device here";
  }

  /// For one disk only, if it has a name.
  void load(const std::string& disk = {}) {
    ProgramKind kind;
    kind.filter.bios = true;
    const DiskPart part = {disk, {}};
    if (!disk.empty()) kind.filter.disk_condition = disk_condition({&part, 1});
    if (GetParam() == SlotClaim::kExchange) {
      kind.flags.insert(kind.flags.end(), {"-DBUCKET_BITS=6", "-DCOMPARE_AND_EXCHANGE"});
    }
    auto driver = BlockRqDriver::load(std::move(kind));
    ASSERT_TRUE(driver) << driver.error().message;
    driver_ = std::move(*driver);
  }

  void make_old(const FakeBio& bio) {
    driver_->change_entry(bio.address(), [](start_t& entry) {
      entry.ts -= std::min<std::uint64_t>(entry.ts, kElevenMinutesNs);
    });
  }

  std::uint64_t not_shown() {
    const auto losses = driver_->source().losses();
    EXPECT_TRUE(losses) << losses.error().message;
    return losses ? losses->completion_not_shown : 0;
  }

  std::size_t in_flight() {
    const auto bios = driver_->source().in_flight();
    EXPECT_TRUE(bios) << bios.error().message;
    return bios ? bios->size() : 0;
  }

  std::optional<KernelBtf> btf_;
  std::unique_ptr<BlockRqDriver> driver_;
};

TEST_P(BiosProgram, ABioIsOneRowWithTheSizeOfItsQueue) {
  ASSERT_NO_FATAL_FAILURE(load());
  const FakeBio bio(*btf_, "md0", 8192);
  driver_->queue(bio.address());
  EXPECT_EQ(in_flight(), 1U);
  driver_->complete(bio.address());
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "8192");
  EXPECT_EQ(in_flight(), 0U);
}

TEST_P(BiosProgram, OneOfAnotherDeviceAtTheAddressOfOneThatWasNotShownIsNotTakenForIt) {
  ASSERT_NO_FATAL_FAILURE(load("md0"));
  FakeBio bio(*btf_, "md0", 4096);
  const FakeBio other(*btf_, "dm-7", 512);
  driver_->queue(bio.address());
  bio.become(other);
  driver_->queue(bio.address());
  driver_->complete(bio.address());
  EXPECT_EQ(driver_->rows().size(), 0U);
  EXPECT_EQ(not_shown(), 1U);
}

TEST_P(BiosProgram, ARequestAtTheAddressOfOneThatWasNotShownIsItsOwn) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest request(*btf_, 4096, 0);
  const FakeBio bio(*btf_, "md0", 512);
  const FakeRequest as_issued = request;
  request.overwrite(bio.bytes());
  driver_->queue(request.address());
  request = as_issued;
  driver_->issue(request);
  driver_->complete(request, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "4096");
  EXPECT_EQ(not_shown(), 1U);
}

TEST_P(BiosProgram, ThoseThatAreOldGiveWayOnceTheyAreMany) {
  ASSERT_NO_FATAL_FAILURE(load());
  std::vector<std::unique_ptr<FakeBio>> bios;
  const auto queue_old = [&](std::size_t count) {
    for (; count > 0; --count) {
      bios.push_back(std::make_unique<FakeBio>(*btf_, "md0", 4096));
      driver_->queue(bios.back()->address());
      make_old(*bios.back());
    }
    const FakeBio seen(*btf_, "md0", 512);  // tells the time
    driver_->queue(seen.address());
    driver_->complete(seen.address());
    ASSERT_EQ(driver_->rows().size(), 1U);
  };
  ASSERT_NO_FATAL_FAILURE(queue_old(10));
  ASSERT_TRUE(driver_->source().forget_completed());
  EXPECT_EQ(in_flight(), 10U);
  EXPECT_EQ(not_shown(), 0U);

  ASSERT_NO_FATAL_FAILURE(queue_old(29));
  const FakeBio young(*btf_, "md0", 4096);
  driver_->queue(young.address());
  ASSERT_TRUE(driver_->source().forget_completed());
  EXPECT_EQ(in_flight(), 1U);
  EXPECT_EQ(not_shown(), 39U);
}

std::string name_of(const ::testing::TestParamInfo<SlotClaim>& info) {
  return info.param == SlotClaim::kExchange ? "Slots" : "Hash";
}

INSTANTIATE_TEST_SUITE_P(Where, BiosProgram,
                         ::testing::Values(SlotClaim::kExchange, SlotClaim::kNone), name_of);

}  // namespace
}  // namespace disksnoop::testing
