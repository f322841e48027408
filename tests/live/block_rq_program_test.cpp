// The program of the tracepoint engine, function by function, on this kernel:
// what happens to requests that are completed in parts, issued again, too many
// for the map or too many for the buffer.
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <span>
#include <thread>

#include "block_rq_driver.h"
#include "tracepoint/name_condition.h"
#include "tracepoint/slots.h"

namespace disksnoop::testing {
namespace {

constexpr std::uint32_t kRead = 0;
constexpr std::uint32_t kWrite = 1;
constexpr std::uint64_t kIo = 10;  // BLK_STS_IOERR

/// The clock of the kernel's times; the tests are in no time namespace.
std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

/// How records come (a ring since 5.8), and where requests in flight are kept.
struct Variant {
  Transport transport;
  SlotClaim slot_claim;
};

class BlockRqProgram : public ::testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
    if (GetParam().slot_claim > slot_claim()) GTEST_SKIP() << "it has no such slots here";
    auto btf = kernel_btf();
    ASSERT_TRUE(btf) << btf.error().message;
    btf_.emplace(std::move(*btf));
  }

  void load(ProgramKind kind = {}) {
    kind.transport = GetParam().transport;
    if (GetParam().slot_claim != SlotClaim::kNone) {
      kind.flags.push_back("-DBUCKET_BITS=" + std::to_string(bucket_bits_));
    }
    if (GetParam().slot_claim == SlotClaim::kExchange) {
      kind.flags.emplace_back("-DCOMPARE_AND_EXCHANGE");
    }
    auto driver = BlockRqDriver::load(std::move(kind));
    ASSERT_TRUE(driver) << driver.error().message;
    driver_ = std::move(*driver);
  }

  /// For one disk only.
  void load_for(const std::string& disk) {
    ProgramKind kind;
    const DiskPart part = {disk, {}};
    kind.filter.disk_condition = disk_condition({&part, 1});
    load(std::move(kind));
  }

  FakeRequest request(std::uint32_t bytes, std::uint32_t flags) { return {*btf_, bytes, flags}; }

  Losses losses() {
    const auto losses = driver_->source().losses();
    EXPECT_TRUE(losses) << losses.error().message;
    return *losses;
  }

  std::vector<InFlight> in_flight() {
    const auto requests = driver_->source().in_flight();
    EXPECT_TRUE(requests) << requests.error().message;
    return *requests;
  }

  /// The kernel runs a function of ours for us (5.10 and later).
  bool can_ask() {
    const std::array<std::uint64_t, 1> arguments = {64};  // where no request is
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.ctx_in = arguments.data();
    options.ctx_size_in = sizeof(arguments);
    return bpf_prog_test_run_opts(driver_->parts().accounts.ask, &options) == 0;
  }

  /// As if it had been issued eleven minutes before.
  void make_old(const FakeRequest& request) {
    driver_->change_entry(request.address(), [](start_t& entry) {
      entry.ts -= std::min<std::uint64_t>(entry.ts, 660'000'000'000);
    });
  }

  /// So that most of what is in flight at one time has none.
  void make_slots_few() { bucket_bits_ = kFewBits; }
  static constexpr unsigned kFewBits = 1;
  static constexpr std::size_t kFewSlots = SLOTS_EACH << kFewBits;

  unsigned bucket_bits_ = 6;
  std::optional<KernelBtf> btf_;
  std::unique_ptr<BlockRqDriver> driver_;
};

/// A kernel that has slots can be asked.
class BlockRqHash : public BlockRqProgram {};
class BlockRqSlots : public BlockRqProgram {};
class BlockRqKeptSlots : public BlockRqProgram {};
/// A kernel before ring buffers.
class BlockRqPerf : public BlockRqProgram {};

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
  ASSERT_NO_FATAL_FAILURE(load({.issue = "trace_start_q"}));
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
  driver_->requeue(read);
  driver_->issue(read);  // of 4096 bytes now
  driver_->complete(read, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "8192");
  EXPECT_GE(rows[0].latency_ms, 20);
}

TEST_P(BlockRqProgram, ARestThatIsGivenBackTwiceIsStillOneRow) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(12288, kRead);
  driver_->issue(read);
  for (const std::uint32_t left : {12288U, 8192U}) {
    driver_->complete(read, 4096, left);
    driver_->requeue(read);
    driver_->issue(read);
  }
  driver_->complete(read, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "12288");
  EXPECT_EQ(losses().completion_not_shown, 0U);
}

TEST_P(BlockRqProgram, ARequeuedRequestIsTimedFromItsLastIssue) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest write = request(4096, kWrite);
  driver_->issue(write);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  driver_->requeue(write);
  const std::uint64_t before = now_ns();
  driver_->issue(write);
  driver_->complete(write, 4096, 4096);
  const double since_ms = static_cast<double>(now_ns() - before) / 1e6;
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_LE(rows[0].latency_ms, since_ms);
  EXPECT_EQ(losses().in_map, 0U);
  EXPECT_EQ(losses().completion_not_shown, 0U);
}

TEST_P(BlockRqProgram, ARequestWhoseCompletionIsNotSeenIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  // The kernel stamps its start only where the queue wants that; here it does not.
  driver_->issue(read);
  driver_->requeue(read);
  driver_->issue(read);
  EXPECT_EQ(losses().completion_not_shown, 0U);
  driver_->issue(read);  // another, in the same place
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
  EXPECT_EQ(losses().completion_not_shown, 1U);
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

TEST_P(BlockRqProgram, ANewRequestOfTheSizeOfARestIsNotTakenForIt) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest one = request(8192, kRead);
  driver_->issue(one);
  driver_->complete(one, 4096, 8192);
  driver_->issue(one);  // of 4096 bytes, and not given back before
  driver_->complete(one, 4096, 4096);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].bytes, "4096");
  EXPECT_EQ(losses().completion_not_shown, 1U);
}

TEST_P(BlockRqProgram, WhatWasInFlightAtTheStartIsCountedAndNoRow) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  driver_->complete(read, 4096, 4096);  // between the hooks
  read.allocate(1);
  driver_->complete(read, 4096, 4096);  // the same
  ASSERT_TRUE(driver_->source().started());
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  driver_->complete(read, 4096, 4096);
  driver_->complete(read, 4096, 8192);          // a part, which is no request
  driver_->complete(read, 4096, 4096, kIo);     // failed, but by the driver
  FakeRequest flush = request(0, 1 | 0x40000);  // the end of a flush, issued as another request
  driver_->complete(flush, 0, 0);
  for (const std::uint32_t operation : {0U, 3U, 5U, 9U}) {  // ended again, as by dm-multipath
    FakeRequest again = request(0, operation);
    driver_->complete(again, 0, 0);
  }
  EXPECT_TRUE(driver_->rows().empty());
  EXPECT_EQ(losses().before_start, 2U);
  EXPECT_EQ(losses().issue_unknown, 0U);
  EXPECT_EQ(losses().failed_unissued, 0U);
  EXPECT_EQ(losses().issue_not_shown, 0U);
}

TEST_P(BlockRqProgram, WithoutATimeOfItsStartNobodyKnowsWhetherItWasBefore) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->source().started());
  FakeRequest read = request(4096, kRead);
  read.allocate(0);  // as where iostats is off
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(losses().issue_unknown, 1U);
  EXPECT_EQ(losses().before_start, 0U);
}

TEST_P(BlockRqProgram, NorDoesTheToolWhenItCouldNotTellTheProgramOfTheStart) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->forbid_asking());
  ASSERT_TRUE(driver_->source().started());
  FakeRequest read = request(4096, kRead);
  read.allocate(now_ns());
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(losses().issue_unknown, 1U);
  EXPECT_EQ(losses().before_start + losses().issue_not_shown, 0U);
}

TEST_P(BlockRqProgram, WhatFailedBeforeTheDriverGotItIsACauseOfItsOwn) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->source().started());
  FakeRequest read = request(4096, kRead);
  read.set_state(FakeRequest::kIdle, 1);
  driver_->complete(read, 4096, 4096, kIo);
  FakeRequest flush = request(0, 2);  // the disk's own flush, of no bytes
  flush.set_state(FakeRequest::kIdle, 1);
  driver_->complete(flush, 0, 0, kIo);
  EXPECT_EQ(losses().failed_unissued, 2U);
  EXPECT_EQ(losses().before_start, 0U);
}

TEST_P(BlockRqProgram, WhatWasAllocatedAfterTheStartWasNotIssuedBefore) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->source().started());
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  FakeRequest read = request(4096, kRead);
  read.allocate(now_ns());
  driver_->complete(read, 4096, 4096);
  driver_->complete(read, 4096, 4096, kIo);  // a driver may mark it as complete itself
  EXPECT_EQ(losses().issue_not_shown, 1U);
  EXPECT_EQ(losses().failed_unissued, 1U);
  EXPECT_EQ(losses().before_start, 0U);
}

TEST_P(BlockRqProgram, WhatIsIssuedAfterTheStopIsNoLoss) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->source().started());
  FakeRequest missed = request(4096, kRead);
  FakeRequest seen = request(4096, kRead);
  FakeRequest later = request(4096, kRead);
  driver_->issue(seen);
  for (FakeRequest* one : {&missed, &later}) one->allocate(now_ns());
  driver_->complete(missed, 4096, 4096);
  ASSERT_TRUE(driver_->source().stopping());
  driver_->complete(later, 4096, 4096);
  driver_->complete(later, 4096, 4096, kIo);
  driver_->complete(seen, 4096, 4096);
  EXPECT_EQ(losses().issue_not_shown + losses().before_start, 1U);
  EXPECT_EQ(losses().failed_unissued, 0U);
  EXPECT_EQ(driver_->rows().size(), 1U);
}

TEST_P(BlockRqProgram, AFullMapIsCountedOnce) {
  make_slots_few();
  ASSERT_NO_FATAL_FAILURE(load({.flags = {"-DSTART_ENTRIES=4", "-DRING_PAGES=8"}}));
  std::vector<FakeRequest> requests(40, request(4096, kRead));
  for (const FakeRequest& one : requests) driver_->issue(one);
  // Given back, and too many again.
  driver_->requeue(requests.back());
  driver_->issue(requests.back());
  for (FakeRequest& one : requests) driver_->complete(one, 4096, 4096);
  const auto rows = driver_->rows();
  // The kernel may keep a few more than max_entries, for its CPUs.
  EXPECT_GE(rows.size(), 4U);
  EXPECT_LT(rows.size(), 40U);
  EXPECT_EQ(losses().in_map, 40 - rows.size());
  EXPECT_EQ(losses().before_start, 0U);
  EXPECT_EQ(losses().completion_not_shown, 0U);
}

TEST_P(BlockRqSlots, WhatFindsNoSlotIsKeptInTheHashAndCounted) {
  make_slots_few();
  ASSERT_NO_FATAL_FAILURE(load());
  std::vector<FakeRequest> requests(kFewSlots + 10, request(8192, kRead));
  for (const FakeRequest& one : requests) driver_->issue(one);
  const std::uint64_t without_slot = losses().without_slot;
  EXPECT_GE(without_slot, 10U);
  EXPECT_EQ(in_flight().size(), requests.size());
  // A slot becomes free: those in the hash are found there all the same.
  driver_->complete(requests.front(), 8192, 8192);
  FakeRequest& parted = requests.back();
  driver_->complete(parted, 4096, 8192);
  driver_->requeue(parted);
  driver_->issue(parted);
  driver_->complete(parted, 4096, 4096);
  driver_->issue(parted);  // anew, and maybe in the slot
  for (FakeRequest& one : std::span(requests).subspan(1)) driver_->complete(one, 8192, 8192);
  EXPECT_EQ(driver_->rows().size(), requests.size() + 1);
  EXPECT_LE(losses().without_slot, without_slot + 1);
  EXPECT_EQ(losses().in_map + losses().completion_not_shown + losses().issue_unknown, 0U);
  EXPECT_TRUE(in_flight().empty());
}

TEST_P(BlockRqKeptSlots, ASlotIsKeptForTheNextRequestInTheSamePlace) {
  make_slots_few();
  ASSERT_NO_FATAL_FAILURE(load());
  std::vector<FakeRequest> requests(kFewSlots + 10, request(4096, kRead));
  const auto pass = [&] {
    for (FakeRequest& one : requests) {
      one.set(4096);
      driver_->issue(one);
      driver_->complete(one, 4096, 4096);
    }
    return losses().without_slot;
  };
  // One at a time, and yet the last ones find none.
  const std::uint64_t without_slot = pass();
  EXPECT_GE(without_slot, 10U);
  EXPECT_EQ(pass(), 2 * without_slot);
  EXPECT_EQ(driver_->rows().size(), 2 * requests.size());
  EXPECT_TRUE(in_flight().empty());
}

TEST_P(BlockRqKeptSlots, ASlotWhoseRequestDoesNotComeAgainIsTakenBack) {
  make_slots_few();
  ASSERT_NO_FATAL_FAILURE(load());
  const auto forget = [&] {
    FakeRequest seen = request(512, kRead);  // tells the time
    driver_->issue(seen);
    driver_->complete(seen, 512, 512);
    ASSERT_EQ(driver_->rows().size(), 1U);
    ASSERT_TRUE(driver_->source().forget_completed());
  };
  std::vector<FakeRequest> disk(20, request(4096, kRead));
  for (FakeRequest& one : disk) {
    driver_->issue(one);
    if (&one != &disk.back()) make_old(one);
    driver_->complete(one, 4096, 4096);
  }
  FakeRequest& hanging = disk.front();
  hanging.set(4096);
  driver_->issue(hanging);
  make_old(hanging);
  ASSERT_EQ(driver_->rows().size(), disk.size());
  ASSERT_NO_FATAL_FAILURE(forget());
  ASSERT_NO_FATAL_FAILURE(forget());
  EXPECT_EQ(in_flight().size(), 1U);
  driver_->complete(hanging, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);

  const std::uint64_t without_slot = losses().without_slot;
  std::vector<FakeRequest> other(100, request(4096, kRead));
  for (FakeRequest& one : other) {
    driver_->issue(one);
    driver_->complete(one, 4096, 4096);
  }
  EXPECT_EQ(driver_->rows().size(), other.size());
  EXPECT_LE(losses().without_slot, without_slot + other.size() - 1) << "there was a free one";
}

/// Issues requests of a few places, and ends them in each way that a driver may.
class Issuer {
 public:
  Issuer(BlockRqDriver& driver, std::vector<FakeRequest> places, std::uint32_t seed)
      : driver_(driver), places_(std::move(places)), chance_(seed) {}

  void run(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      FakeRequest& one = places_[i % places_.size()];
      if (i >= places_.size()) end(one);
      one.set(kBytes);
      one.set_state(FakeRequest::kInFlight, 1);
      driver_.issue(one);
    }
    for (FakeRequest& one : places_) end(one);
  }

  /// How many completions were not shown.
  std::size_t unseen() const { return unseen_; }

 private:
  static constexpr std::uint32_t kBytes = 8192;
  static constexpr std::uint32_t kHalf = kBytes / 2;

  void end(FakeRequest& one) {
    const auto way = chance_() % 10;
    if (way == 0) {
      ++unseen_;
    } else {
      if (way == 1) give_back(one);
      const bool in_parts = way == 2 || way == 3;
      if (in_parts) driver_.complete(one, kHalf, kBytes);
      if (way == 3) give_back(one);
      const std::uint32_t left = in_parts ? kHalf : kBytes;
      driver_.complete(one, left, left);
    }
    one.free();
  }
  void give_back(const FakeRequest& one) {
    driver_.requeue(one);
    driver_.issue(one);
  }

  BlockRqDriver& driver_;
  std::vector<FakeRequest> places_;
  std::minstd_rand chance_;
  std::size_t unseen_ = 0;
};

// Rows and what is told are what was issued, whoever else wants the same slots.
TEST_P(BlockRqProgram, SeveralCpusThatWantTheSameSlotsLoseNothing) {
  make_slots_few();
  ASSERT_NO_FATAL_FAILURE(load({.flags = {"-DSTART_ENTRIES=64", "-DRING_PAGES=4096"}}));
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  constexpr std::uint32_t kCpus = 4;
  constexpr std::size_t kEach = 50'000;
  std::vector<Issuer> issuers;
  for (std::uint32_t i = 0; i < kCpus; ++i) {
    issuers.emplace_back(*driver_, std::vector<FakeRequest>(3, request(8192, kRead)), i + 1);
  }
  {
    std::vector<std::jthread> threads;
    for (Issuer& issuer : issuers) threads.emplace_back([&issuer] { issuer.run(kEach); });
  }
  const std::size_t rows = driver_->rows().size();
  EXPECT_TRUE(in_flight().empty());
  std::size_t unseen = 0;
  for (const Issuer& issuer : issuers) unseen += issuer.unseen();
  EXPECT_EQ(rows + losses().in_buffer, kCpus * kEach - unseen);
  EXPECT_EQ(losses().completion_not_shown, unseen);
  EXPECT_EQ(losses().in_map + losses().issue_unknown, 0U);
}

TEST_P(BlockRqProgram, AFullBufferIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load({.flags = {"-DSTART_ENTRIES=64", "-DRING_PAGES=1"}}));
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
  EXPECT_EQ(rows + losses().in_buffer, kRequests);
  // There is room again, and the next one is seen.
  read.set(4096);
  driver_->issue(read);
  driver_->complete(read, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
}

/// As a CPU that came only after the start has none.
TEST_P(BlockRqPerf, WhatCompletesOnACpuWithoutABufferIsCounted) {
  ASSERT_NO_FATAL_FAILURE(load());
  const auto here = static_cast<unsigned>(::sched_getcpu());
  cpu_set_t before;
  cpu_set_t only_here;
  CPU_ZERO(&only_here);
  CPU_SET(here, &only_here);
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(only_here), &only_here), 0);
  ASSERT_EQ(bpf_map_delete_elem(driver_->parts().events, &here), 0);
  FakeRequest read = request(4096, kRead);
  driver_->issue(read);
  driver_->complete(read, 4096, 4096);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_TRUE(driver_->rows().empty());
  EXPECT_EQ(losses().in_buffer, 1U);
}

TEST_P(BlockRqProgram, ABacklogOfSeveralPiecesIsReadWhole) {
  const std::size_t requests = GetParam().transport == Transport::kRingBuffer ? 40'000 : 700;
  ASSERT_NO_FATAL_FAILURE(load({.flags = {"-DSTART_ENTRIES=64", "-DRING_PAGES=512"}}));
  FakeRequest read = request(4096, kRead);
  for (std::size_t i = 0; i < requests; ++i) {
    driver_->issue(read);
    driver_->complete(read, 4096, 4096);
    read.set(4096);
  }
  const auto rows = driver_->rows();
  EXPECT_EQ(rows.size(), requests);
  EXPECT_EQ(losses().in_buffer, 0U);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const Row& a, const Row& b) { return a.elapsed_s < b.elapsed_s; }));
}

TEST_P(BlockRqProgram, TheTimeOfARowIsThatOfItsCompletion) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  const auto before = static_cast<double>(now_ns()) / 1e9;
  for (int i = 0; i < 2; ++i) {
    read.set(4096);
    driver_->issue(read);
    driver_->complete(read, 4096, 4096);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto after = static_cast<double>(now_ns()) / 1e9;
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].elapsed_s, 0);
  EXPECT_GE(rows[1].elapsed_s, 0.02);
  EXPECT_NEAR(rows[1].elapsed_s, rows[1].time_s - rows[0].time_s, 1e-6);
  EXPECT_GE(rows[0].time_s, before);
  EXPECT_LE(rows[1].time_s, after);
}

TEST_P(BlockRqProgram, WhatHasNotCompletedIsInFlight) {
  ASSERT_NO_FATAL_FAILURE(load());
  const FakeRequest older = request(4096, kWrite);
  const FakeRequest newer = request(512, kRead);
  driver_->issue(older);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  driver_->issue(newer);
  const auto requests = in_flight();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].bytes, 4096U);
  EXPECT_GE(requests[0].age_ns, 20'000'000U);
  EXPECT_EQ(requests[1].bytes, 512U);
  EXPECT_EQ(requests[0].confirmed, can_ask());
}

TEST_P(BlockRqProgram, WhatIsNoLongerInFlightIsALoss) {
  ASSERT_NO_FATAL_FAILURE(load());
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  std::vector<FakeRequest> requests(5, request(4096, kRead));
  for (const FakeRequest& one : requests) driver_->issue(one);
  requests[0].free();
  requests[1].set_state(FakeRequest::kComplete, 1);  // about to be told
  requests[2].set_state(FakeRequest::kIdle, 1);      // allocated anew, and not issued yet
  make_old(requests[2]);
  driver_->requeue(requests[3]);  // waits to be issued again
  requests[3].set_state(FakeRequest::kIdle, 1);
  driver_->requeue(requests[4]);  // given back, and freed by a layer above
  requests[4].free();
  EXPECT_EQ(in_flight().size(), 2U);
  EXPECT_EQ(losses().completion_not_shown, 2U);
  EXPECT_EQ(in_flight().size(), 2U) << "and they are gone";
  EXPECT_EQ(losses().completion_not_shown, 2U) << "counted once";
}

TEST_P(BlockRqProgram, WhatIsJustBeingIssuedIsInFlight) {
  ASSERT_NO_FATAL_FAILURE(load());
  FakeRequest read = request(4096, kRead);
  read.set_state(FakeRequest::kIdle, 1);  // the kernel changes that after the tracepoint
  driver_->issue(read);
  EXPECT_EQ(in_flight().size(), 1U);
  EXPECT_EQ(losses().completion_not_shown, 0U);
}

TEST_P(BlockRqProgram, AnotherDisksRequestInTheSamePlaceIsNotTheOneBefore) {
  ASSERT_NO_FATAL_FAILURE(load_for("sda"));
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  const FakeDisk sda(*btf_, "sda");
  const FakeDisk sdb(*btf_, "sdb");
  FakeRequest one = request(4096, kRead);
  one.set_disk(sda);
  driver_->issue(one);  // its completion is not shown
  one.set_disk(sdb);
  driver_->issue(one);
  driver_->complete(one, 4096, 4096);
  EXPECT_TRUE(driver_->rows().empty());
  EXPECT_TRUE(in_flight().empty());
  EXPECT_EQ(losses().completion_not_shown, 1U);
  EXPECT_EQ(losses().filtered, 1U);
}

TEST_P(BlockRqProgram, AnotherDisksRequestIsNotInFlight) {
  ASSERT_NO_FATAL_FAILURE(load_for("sda"));
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  const FakeDisk sda(*btf_, "sda");
  const FakeDisk sdb(*btf_, "sdb");
  FakeRequest gone = request(4096, kRead);
  FakeRequest there = request(512, kRead);
  for (FakeRequest* one : {&gone, &there}) {
    one->set_disk(sda);
    driver_->issue(*one);
  }
  gone.set_disk(sdb);
  const auto requests = in_flight();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].bytes, 512U);
  EXPECT_EQ(losses().completion_not_shown, 1U);
}

TEST_P(BlockRqProgram, WhatCompletesWhileItIsAskedForIsNoLoss) {
  ASSERT_NO_FATAL_FAILURE(load());
  constexpr std::size_t kRequests = 40'000;
  const FakeRequest hanging = request(12288, kRead);
  driver_->issue(hanging);
  std::atomic<bool> ended = false;
  std::thread disk([&] {
    std::vector<FakeRequest> places(8, request(4096, kRead));
    for (std::size_t i = 0; i < kRequests; ++i) {
      FakeRequest& one = places[i % places.size()];
      one.set(4096);
      one.set_state(FakeRequest::kInFlight, 1);
      driver_->issue(one);
      driver_->complete(one, 4096, 4096);
      one.free();
    }
    ended = true;
  });
  std::size_t twice = 0;
  while (!ended) {
    const auto requests = in_flight();
    const auto count = std::count_if(requests.begin(), requests.end(),
                                     [](const InFlight& one) { return one.bytes == 12288; });
    if (count != 1) ++twice;
  }
  disk.join();
  EXPECT_EQ(twice, 0U) << "times one that hangs was not told, or not once";
  EXPECT_EQ(driver_->rows().size() + losses().in_buffer, kRequests);
  EXPECT_EQ(losses().completion_not_shown, 0U);
  EXPECT_EQ(losses().issue_unknown, 0U);
}

// Before 5.10. What is half the hash, and is old, is taken for lost.
TEST_P(BlockRqHash, WhereTheKernelCannotBeAskedTheOldGoWhenTheHashFillsUp) {
  ASSERT_NO_FATAL_FAILURE(load());
  ASSERT_TRUE(driver_->forbid_asking());
  std::vector<FakeRequest> requests(40, request(4096, kRead));
  std::size_t issued = 0;
  const auto issue_old = [&](std::size_t count) {
    for (std::size_t end = issued + count; issued < end; ++issued) {
      driver_->issue(requests[issued]);
      make_old(requests[issued]);
    }
    FakeRequest seen = request(512, kRead);  // tells the time
    driver_->issue(seen);
    driver_->complete(seen, 512, 512);
    ASSERT_EQ(driver_->rows().size(), 1U);
  };
  ASSERT_NO_FATAL_FAILURE(issue_old(10));
  ASSERT_TRUE(driver_->source().forget_completed());
  const auto slow = in_flight();
  ASSERT_EQ(slow.size(), 10U);
  EXPECT_FALSE(slow[0].confirmed);
  EXPECT_GE(slow[0].age_ns, 600'000'000'000U);
  EXPECT_EQ(losses().completion_not_shown, 0U);

  ASSERT_NO_FATAL_FAILURE(issue_old(29));
  driver_->issue(requests[issued]);  // young
  ASSERT_TRUE(driver_->source().forget_completed());
  EXPECT_EQ(in_flight().size(), 1U);
  EXPECT_EQ(losses().completion_not_shown, 39U);
}

// Weeks of it: each round loses as many completions as half the hash holds, of
// disks that go and do not come again.
TEST_P(BlockRqProgram, LostCompletionsDoNotFillTheHash) {
  ASSERT_NO_FATAL_FAILURE(load());
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  constexpr std::uint64_t kRounds = 50;
  constexpr std::uint64_t kLost = 32;
  std::vector<std::vector<FakeRequest>> disks(kRounds);
  for (auto& disk : disks) {
    disk.assign(kLost, request(4096, kRead));
    for (FakeRequest& one : disk) {
      driver_->issue(one);
      make_old(one);
      one.free();
    }
    FakeRequest seen = request(4096, kRead);
    driver_->issue(seen);
    driver_->complete(seen, 4096, 4096);
    ASSERT_EQ(driver_->rows().size(), 1U);
    ASSERT_TRUE(driver_->source().forget_completed());
  }
  EXPECT_EQ(losses().in_map, 0U);
  EXPECT_EQ(losses().completion_not_shown, kRounds * kLost);
  EXPECT_EQ(in_flight().size(), 0U);
}

TEST_P(BlockRqProgram, WhatIsInFlightForLongIsNotForgotten) {
  ASSERT_NO_FATAL_FAILURE(load());
  if (!can_ask()) GTEST_SKIP() << "the kernel runs no function for us";
  FakeRequest slow = request(4096, kRead);
  driver_->issue(slow);
  make_old(slow);
  FakeRequest other = request(4096, kRead);
  driver_->issue(other);
  driver_->complete(other, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
  ASSERT_TRUE(driver_->source().forget_completed());
  driver_->complete(slow, 4096, 4096);
  EXPECT_EQ(driver_->rows().size(), 1U);
}

TEST_P(BlockRqProgram, MapsOfAnotherShapeAreRefused) {
  ASSERT_NO_FATAL_FAILURE(load());
  BlockRqParts parts = driver_->parts();
  std::swap(parts.accounts.start, parts.accounts.counts);
  const auto source =
      BlockRqSource::open(parts, driver_->config(), OperationTable(), {GetParam().transport, 8},
                          [](const Request&) { return true; });
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().message,
            "the map start has keys of 4 and values of 8 bytes, not of 8 and 24");
}

TEST_P(BlockRqSlots, SlotsOfAnotherSizeAreRefused) {
  ASSERT_NO_FATAL_FAILURE(load());
  BlockRqParts parts = driver_->parts();
  parts.accounts.buckets = parts.accounts.counts;
  const auto source =
      BlockRqSource::open(parts, driver_->config(), OperationTable(), {GetParam().transport, 8},
                          [](const Request&) { return true; });
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().message,
            "the map buckets has keys of 4 and values of 8 bytes, not of 4 and 64");
}

std::string name_of(const ::testing::TestParamInfo<Variant>& test) {
  constexpr std::array<const char*, 3> kPlaces = {"Hash", "KeptSlots", "Slots"};
  return std::string(test.param.transport == Transport::kRingBuffer ? "RingBuffer" : "PerfBuffer") +
         kPlaces.at(static_cast<std::size_t>(test.param.slot_claim));
}

constexpr Variant kRingAndSlots = {Transport::kRingBuffer, SlotClaim::kExchange};
constexpr Variant kRingAndKeptSlots = {Transport::kRingBuffer, SlotClaim::kKeep};
constexpr Variant kRingAndHash = {Transport::kRingBuffer, SlotClaim::kNone};
constexpr Variant kPerfAndHash = {Transport::kPerfBuffer, SlotClaim::kNone};

INSTANTIATE_TEST_SUITE_P(Variants, BlockRqProgram,
                         ::testing::Values(kRingAndSlots, kRingAndKeptSlots, kPerfAndHash),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Variants, BlockRqHash, ::testing::Values(kRingAndHash, kPerfAndHash),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Variants, BlockRqSlots,
                         ::testing::Values(kRingAndSlots, kRingAndKeptSlots), name_of);
INSTANTIATE_TEST_SUITE_P(Variants, BlockRqKeptSlots, ::testing::Values(kRingAndKeptSlots), name_of);
INSTANTIATE_TEST_SUITE_P(Variants, BlockRqPerf, ::testing::Values(kPerfAndHash), name_of);

}  // namespace
}  // namespace disksnoop::testing
