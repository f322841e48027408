// The program of the tracepoint engine, function by function, on this kernel:
// what happens to requests that are completed in parts, issued again, too many
// for the map or too many for the buffer.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "block_rq_driver.h"

namespace disksnoop::testing {
namespace {

constexpr std::uint32_t kRead = 0;
constexpr std::uint32_t kWrite = 1;

class BlockRqProgram : public ::testing::TestWithParam<Transport> {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
    auto btf = kernel_btf();
    ASSERT_TRUE(btf) << btf.error().message;
    btf_.emplace(std::move(*btf));
  }

  void load(std::vector<std::string> flags = {"-DSTART_ENTRIES=64", "-DRING_PAGES=8"},
            const std::string& issue = "trace_start") {
    auto driver = BlockRqDriver::load(std::move(flags), GetParam(), issue);
    ASSERT_TRUE(driver) << driver.error().message;
    driver_ = std::move(*driver);
  }

  FakeRequest request(std::uint32_t bytes, std::uint32_t flags) { return {*btf_, bytes, flags}; }

  BlockRqCounts counts() {
    const auto counts = driver_->source().counts();
    EXPECT_TRUE(counts) << counts.error().message;
    return *counts;
  }

  std::optional<KernelBtf> btf_;
  std::unique_ptr<BlockRqDriver> driver_;
};

TEST_P(BlockRqProgram, ARequestIsOneRowWithTheSizeAndTheFlagsOfItsIssue) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest write = request(4096, kWrite);
  FakeRequest read = request(512, kRead | 0x80700);
  FakeRequest flush = request(0, 2);
  for (FakeRequest* one : {&write, &read, &flush}) driver_->issue(*one);
  driver_->complete(write, 4096, 4096);
  driver_->complete(read, 512, 512);
  driver_->complete(flush, 0, 0);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].bytes, "4096");
  EXPECT_TRUE(rows[0].write);
  EXPECT_EQ(rows[1].bytes, "512");
  EXPECT_FALSE(rows[1].write);
  EXPECT_EQ(rows[2].bytes, "0");
}

TEST_P(BlockRqProgram, TheOldArgumentsOfTheIssueAreReadToo) {
  ASSERT_NO_FATAL_FAILURE(load({"-DSTART_ENTRIES=64", "-DRING_PAGES=8"}, "trace_start_q"));
  FakeRequest read = request(8192, kRead);
  driver_->issue_q(read);
  driver_->complete(read, 8192, 8192);
  ASSERT_EQ(driver_->rows().size(), 1U);
}

TEST_P(BlockRqProgram, PartsOfARequestAreOneRowWhenTheLastByteIsDone) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(12288, kRead);
  driver_->issue(read);
  driver_->complete(read, 4096, 12288);
  driver_->complete(read, 4096, 8192);
  EXPECT_TRUE(driver_->rows().empty());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  driver_->complete(read, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "12288");
  EXPECT_GE(rows[0].latency_ms, 20);
}

TEST_P(BlockRqProgram, TheRestThatIsIssuedAgainBelongsToTheSameRow) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(8192, kRead);
  driver_->issue(read);
  driver_->complete(read, 4096, 8192);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  driver_->issue(read);  // of 4096 bytes now
  driver_->complete(read, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "8192");
  EXPECT_GE(rows[0].latency_ms, 20);
}

TEST_P(BlockRqProgram, ARequeuedRequestIsTimedFromItsLastIssue) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest write = request(4096, kWrite);
  driver_->issue(write);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  driver_->issue(write);
  driver_->complete(write, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_LT(rows[0].latency_ms, 50);
  EXPECT_EQ(counts().lost_in_map, 0U);
}

TEST_P(BlockRqProgram, ARequestWhoseCompletionIsNotSeenIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  const auto allocate_now = [&read] {
    read.allocate(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                             std::chrono::nanoseconds(1)));
  };
  allocate_now();
  driver_->issue(read);
  driver_->issue(read);  // requeued
  EXPECT_EQ(counts().not_completed, 0U);
  allocate_now();
  driver_->issue(read);
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
  EXPECT_EQ(counts().not_completed, 1U);
}

TEST_P(BlockRqProgram, ANewRequestInTheSamePlaceIsNotTakenForARest) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest one = request(8192, kRead);
  driver_->issue(one);
  driver_->complete(one, 4096, 8192);
  one.set(16384);
  driver_->issue(one);
  driver_->complete(one, 16384, 16384);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "16384");
}

TEST_P(BlockRqProgram, WhatWasInFlightAtTheStartIsCountedAndNoRow) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  driver_->complete(read, 4096, 4096);
  FakeRequest flush = request(0, 1);  // the end of a flush that was issued as another request
  driver_->complete(flush, 0, 0);
  EXPECT_TRUE(driver_->rows().empty());
  EXPECT_EQ(counts().not_issued, 1U);
}

TEST_P(BlockRqProgram, AFullMapIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load({"-DSTART_ENTRIES=4", "-DRING_PAGES=8"}));
  std::vector<FakeRequest> requests(40, request(4096, kRead));
  for (const FakeRequest& one : requests) driver_->issue(one);
  for (FakeRequest& one : requests) driver_->complete(one, 4096, 4096);
  const auto rows = driver_->rows();
  // The kernel may keep a few more than max_entries, for its CPUs.
  EXPECT_GE(rows.size(), 4U);
  EXPECT_LT(rows.size(), 40U);
  EXPECT_EQ(counts().lost_in_map, 40 - rows.size());
  EXPECT_EQ(counts().not_issued, 40 - rows.size());
}

TEST_P(BlockRqProgram, AFullBufferIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load({"-DSTART_ENTRIES=64", "-DRING_PAGES=1"}));
  constexpr std::size_t kRequests = 5000;
  FakeRequest read = request(4096, kRead);
  for (std::size_t i = 0; i < kRequests; ++i) {
    read.set(4096);
    driver_->issue(read);
    driver_->complete(read, 4096, 4096);
  }
  const std::size_t rows = driver_->rows().size();
  EXPECT_GT(rows, 0U);
  EXPECT_LT(rows, kRequests);
  EXPECT_EQ(rows + counts().lost_in_buffer, kRequests);
  // There is room again, and the next one is seen.
  read.set(4096);
  driver_->issue(read);
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
}

TEST_P(BlockRqProgram, WhatHasNotCompletedIsInFlight) {
  ASSERT_NO_FATAL_FAILURE(load());
  const FakeRequest older = request(4096, kWrite);
  const FakeRequest newer = request(512, kRead);
  driver_->issue(older);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  driver_->issue(newer);
  const auto in_flight = driver_->source().in_flight();
  ASSERT_EQ(in_flight.size(), 2U);
  EXPECT_EQ(in_flight[0].bytes, 4096U);
  EXPECT_GE(in_flight[0].age_ns, 20'000'000U);
  EXPECT_EQ(in_flight[1].bytes, 512U);
}

std::string name_of(const ::testing::TestParamInfo<Transport>& test) {
  return test.param == Transport::kRingBuffer ? "RingBuffer" : "PerfBuffer";
}

INSTANTIATE_TEST_SUITE_P(Transports, BlockRqProgram,
                         ::testing::Values(Transport::kRingBuffer, Transport::kPerfBuffer),
                         name_of);

}  // namespace
}  // namespace disksnoop::testing
