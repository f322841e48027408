// What the parts of the program take from requests, bios and disks as this kernel
// lays them out.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "block_rq_driver.h"

namespace disksnoop::testing {
namespace {

constexpr std::uint32_t kRead = 0;
constexpr std::uint32_t kBytes = 4096;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

/// Memory of a struct of the kernel's, all zero.
using Zeroes = std::array<std::uint64_t, 1024>;

std::uint64_t address_of(const Zeroes& memory) {
  return reinterpret_cast<std::uint64_t>(memory.data());
}

class ColumnsProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
    auto btf = kernel_btf();
    ASSERT_TRUE(btf) << btf.error().message;
    btf_.emplace(std::move(*btf));
    std::array<char, 16> name = {};
    ::prctl(PR_GET_NAME, name.data());
    own_name_ = name.data();
  }
  void TearDown() override {
    if (!own_name_.empty()) be(own_name_);
  }

  void load(const std::string& columns, ProgramKind kind = {}) {
    kind.columns = columns == "all" ? all_columns() : *parse_columns(columns);
    kind.transport = transport_;
    auto driver = BlockRqDriver::load(std::move(kind));
    ASSERT_TRUE(driver) << driver.error().message;
    driver_ = std::move(*driver);
    EXPECT_TRUE(driver_->config().warnings.empty()) << driver_->config().warnings.front();
  }

  FakeRequest request(std::uint32_t bytes = kBytes, std::uint32_t flags = kRead) {
    return {*btf_, bytes, flags};
  }
  FakeRequest request_at(std::uint64_t sector, std::uint32_t bytes = kBytes) {
    FakeRequest one = request(bytes);
    one.put(*btf_, "__sector", sector);
    return one;
  }
  FakeRequest request_of(std::uint64_t bio) {
    FakeRequest one = request();
    one.put(*btf_, "bio", bio);
    one.put(*btf_, "biotail", bio);
    return one;
  }

  void pass(FakeRequest& one, std::uint32_t bytes = kBytes, std::uint64_t error = 0) {
    driver_->issue(one);
    driver_->complete(one, bytes, bytes, error);
  }

  /// What a column says of all the rows since the last time.
  std::vector<std::string> column(std::string_view name) {
    std::vector<std::string> all;
    for (const Row& row : driver_->rows()) all.push_back(row.cells.at(name));
    return all;
  }

  /// This thread submits under this name.
  static void be(const std::string& name) { ::prctl(PR_SET_NAME, name.c_str()); }

  void submit(std::uint64_t bio, const std::string& name) {
    be(name);
    driver_->submit(bio);
    be("somebody else");
  }

  /// Who a request of this bio is said to be of.
  std::string submitter_of(std::uint64_t bio) {
    FakeRequest one = request_of(bio);
    pass(one);
    const auto names = column("comm");
    EXPECT_EQ(names.size(), 1U);
    return names.empty() ? "" : names.front();
  }

  Transport transport_ = find_transport();
  std::optional<KernelBtf> btf_;
  std::unique_ptr<BlockRqDriver> driver_;
  std::string own_name_;
};

using Texts = std::vector<std::string>;

/// The kernel's number of this process; in a pid namespace nobody tells it here.
void expect_own_pid(const std::string& cell) {
  constexpr ino_t kFirstNamespace = 0xeffffffc;  // PROC_PID_INIT_INO, include/linux/proc_ns.h
  struct stat space = {};
  ASSERT_EQ(::stat("/proc/self/ns/pid", &space), 0);
  if (space.st_ino == kFirstNamespace) {
    EXPECT_EQ(cell, std::to_string(::getpid()));
  } else {
    EXPECT_NE(cell, "-");
  }
}

class AcceptedProgram : public ColumnsProgram, public ::testing::WithParamInterface<Transport> {
 protected:
  AcceptedProgram() { transport_ = GetParam(); }

  void expect_accepted(const std::string& columns) {
    SCOPED_TRACE(columns);
    ASSERT_NO_FATAL_FAILURE(load(columns));
    FakeRequest one = request();
    pass(one);
    EXPECT_EQ(driver_->rows().size(), 1U);
  }
};

TEST_P(AcceptedProgram, WithAllColumns) { expect_accepted("all"); }

TEST_P(AcceptedProgram, WithEachPartAlone) {
  for (const Part& part : parts()) {
    if (!part.columns.empty()) expect_accepted(std::string(part.columns.front()));
  }
}

INSTANTIATE_TEST_SUITE_P(Transports, AcceptedProgram,
                         ::testing::Values(Transport::kRingBuffer, Transport::kPerfBuffer),
                         [](const auto& transport) {
                           return transport.param == Transport::kRingBuffer ? "RingBuffer"
                                                                            : "PerfBuffer";
                         });

TEST_F(ColumnsProgram, TheOldArgumentsOfTheAllocationAreReadToo) {
  ASSERT_NO_FATAL_FAILURE(load("comm", {.submit = "trace_getrq_q"}));
  be("first");
  driver_->submit_q(0x1000);
  be("somebody else");
  EXPECT_EQ(submitter_of(0x1000), "first");
}

TEST_F(ColumnsProgram, ARequestThatIsGivenBackKeepsWhatItHadAtItsFirstIssue) {
  ASSERT_NO_FATAL_FAILURE(load("sector,queue,pattern,pid,comm"));
  FakeRequest before = request_at(92);
  pass(before);
  Zeroes bio = {};
  FakeRequest one = request_of(address_of(bio));
  one.put(*btf_, "__sector", 100);
  one.allocate(now_ns() - 5'000'000);
  submit(address_of(bio), "first");
  driver_->issue(one);
  driver_->requeue(one);
  // Another request meanwhile, and another process in the bio's place.
  FakeRequest other = request_at(500);
  pass(other);
  driver_->rows();
  submit(address_of(bio), "another");
  one.allocate(now_ns());
  driver_->issue(one);
  driver_->complete(one, kBytes, kBytes);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells.at("sector"), "100");
  EXPECT_EQ(rows[0].cells.at("pattern"), "S");
  EXPECT_EQ(rows[0].cells.at("comm"), "first");
  expect_own_pid(rows[0].cells.at("pid"));
}

TEST_F(ColumnsProgram, TheRestThatIsIssuedAgainKeepsItsFirstSector) {
  ASSERT_NO_FATAL_FAILURE(load("sector,bytes"));
  FakeRequest one = request_at(100, 2 * kBytes);
  driver_->issue(one);
  driver_->complete(one, kBytes, 2 * kBytes);
  driver_->requeue(one);
  one.put(*btf_, "__sector", 108);
  driver_->issue(one);
  driver_->complete(one, kBytes, kBytes);
  EXPECT_EQ(column("sector"), Texts{"100"});
}

TEST_F(ColumnsProgram, Sector) {
  ASSERT_NO_FATAL_FAILURE(load("sector"));
  for (const std::uint64_t sector : {0ULL, 1ULL, 1ULL << 40, ~0ULL}) {
    FakeRequest one = request_at(sector);
    pass(one);
  }
  EXPECT_EQ(column("sector"), (Texts{"0", "1", "1099511627776", "-"}));
}

TEST_F(ColumnsProgram, QueueIsFromTheAllocationToTheIssue) {
  ASSERT_NO_FATAL_FAILURE(load("queue"));
  FakeRequest unstamped = request();
  pass(unstamped);
  EXPECT_EQ(column("queue"), Texts{"-"});
  FakeRequest stamped = request();
  const std::uint64_t before = now_ns();
  stamped.allocate(before - 5'000'000);
  driver_->issue(stamped);
  const std::uint64_t after = now_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  driver_->complete(stamped, kBytes, kBytes);
  const auto queue = column("queue");
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_GE(std::stoull(queue[0]), 5'000'000U);
  EXPECT_LE(std::stoull(queue[0]), after - before + 5'000'000);
}

TEST_F(ColumnsProgram, PatternIsOfEachDiskInTheOrderOfIssue) {
  ASSERT_NO_FATAL_FAILURE(load("pattern"));
  const FakeDisk one_disk(*btf_, "one");
  const FakeDisk other_disk(*btf_, "other");
  struct Step {
    const FakeDisk& disk;
    std::uint64_t sector;
    std::uint32_t bytes;
    std::string pattern;
  };
  for (const auto& [disk, sector, bytes, pattern] :
       std::vector<Step>{{one_disk, 0, 4096, "-"},
                         {other_disk, 8, 4096, "-"},
                         {one_disk, 8, 8192, "S"},
                         {one_disk, 16, 4096, "R"},
                         {one_disk, 24, 0, "-"},       // a flush is nowhere, and
                         {one_disk, ~0ULL, 512, "-"},  // so is what has no sector
                         {one_disk, 24, 4096, "S"},
                         {other_disk, 16, 4096, "S"},
                         {one_disk, 24, 4096, "R"}}) {
    FakeRequest one = request_at(sector, bytes);
    one.set_disk(disk);
    pass(one, bytes);
    EXPECT_EQ(column("pattern"), Texts{pattern}) << "sector " << sector;
  }
}

TEST_F(ColumnsProgram, DiskAndPartition) {
  ASSERT_NO_FATAL_FAILURE(load("disk,partition"));
  const FakeDisk disk(*btf_, "nvme0n1");
  const auto number = btf_->find_member("hd_struct", "partno");
  const auto place = number ? number
                     : btf_->find_member("block_device", "bd_partno")
                         ? btf_->find_member("block_device", "bd_partno")
                         : btf_->find_member("block_device", "__bd_flags");
  ASSERT_TRUE(place);
  Zeroes partition = {};
  for (const auto& [partno, shown] :
       std::map<unsigned char, std::string>{{0, "-"}, {3, "nvme0n1p3"}, {255, "nvme0n1p255"}}) {
    std::memcpy(reinterpret_cast<unsigned char*>(partition.data()) + place->offset, &partno, 1);
    FakeRequest one = request();
    one.set_disk(disk);
    one.put(*btf_, "part", address_of(partition));
    pass(one);
    const auto rows = driver_->rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].cells.at("disk"), "nvme0n1");
    EXPECT_EQ(rows[0].cells.at("partition"), shown);
  }
}

TEST_F(ColumnsProgram, Error) {
  ASSERT_NO_FATAL_FAILURE(load("error"));
  const bool is_errno = driver_->config().errors == ErrorNumbers::kErrno;
  for (const std::int64_t error :
       is_errno ? std::array<std::int64_t, 3>{0, -5, -28} : std::array<std::int64_t, 3>{0, 10, 3}) {
    FakeRequest one = request();
    pass(one, kBytes, static_cast<std::uint64_t>(error));
  }
  EXPECT_EQ(column("error"), (Texts{"-", "EIO", "ENOSPC"}));
}

TEST_F(ColumnsProgram, TheSubmitterIsWhoAllocatedTheRequest) {
  ASSERT_NO_FATAL_FAILURE(load("pid,comm"));
  submit(0x1000, "first");
  submit(0x2000, "second");
  FakeRequest first = request_of(0x1000);
  FakeRequest second = request_of(0x2000);
  pass(second);
  pass(first);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].cells.at("comm"), "second");
  EXPECT_EQ(rows[1].cells.at("comm"), "first");
  expect_own_pid(rows[0].cells.at("pid"));
}

TEST_F(ColumnsProgram, AnotherBioMayHaveBeenPutBeforeIt) {
  ASSERT_NO_FATAL_FAILURE(load("comm"));
  submit(0x1000, "first");
  FakeRequest one = request_of(0x1000);
  one.put(*btf_, "bio", 0x5000);
  pass(one);
  EXPECT_EQ(column("comm"), Texts{"first"});
}

TEST_F(ColumnsProgram, ARequestWithoutABioIsOfWhoIssuesIt) {
  ASSERT_NO_FATAL_FAILURE(load("pid,comm"));
  FakeRequest flush = request(0, 2);
  be("flusher");
  driver_->issue(flush);
  be("somebody else");
  driver_->complete(flush, 0, 0);
  const auto rows = driver_->rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells.at("comm"), "flusher");
  expect_own_pid(rows[0].cells.at("pid"));
}

TEST_F(ColumnsProgram, WhoseAllocationWasNotSeenIsNotKnown) {
  ASSERT_NO_FATAL_FAILURE(load("comm"));
  EXPECT_EQ(submitter_of(0x1000), "-");
  submit(0x1000, "first");
  EXPECT_EQ(submitter_of(0x1000), "first");
  EXPECT_EQ(submitter_of(0x1000), "-") << "its address may be another bio's by now";
}

/// As submitters_at() of bpf_text/parts/submitter.h.
std::uint64_t set_of(std::uint64_t bio) { return (bio * 0x9e3779b97f4a7c15) >> 49; }

/// Bios that are kept in the same two slots.
std::vector<std::uint64_t> of_one_set(std::size_t count) {
  std::vector<std::uint64_t> bios = {0x1000};
  for (std::uint64_t bio = 0x1040; bios.size() < count; bio += 0x40) {
    if (set_of(bio) == set_of(bios.front())) bios.push_back(bio);
  }
  return bios;
}

TEST_F(ColumnsProgram, TwoBiosOfOneSetAreBothKnown) {
  ASSERT_NO_FATAL_FAILURE(load("comm"));
  const auto bios = of_one_set(2);
  submit(bios[0], "first");
  submit(bios[1], "second");
  submit(bios[1], "second again");
  submit(bios[0], "first again");
  EXPECT_EQ(submitter_of(bios[0]), "first again");
  EXPECT_EQ(submitter_of(bios[1]), "second again");
  EXPECT_EQ(submitter_of(bios[0]), "-");
  EXPECT_EQ(submitter_of(bios[1]), "-");
}

TEST_F(ColumnsProgram, OneThatHadToGoIsNotKnownRatherThanAnother) {
  ASSERT_NO_FATAL_FAILURE(load("comm"));
  const auto bios = of_one_set(3);
  for (std::size_t i = 0; i < bios.size(); ++i) submit(bios[i], std::to_string(i));
  std::size_t known = 0;
  for (std::size_t i = 0; i < bios.size(); ++i) {
    const std::string name = submitter_of(bios[i]);
    if (name == "-") continue;
    EXPECT_EQ(name, std::to_string(i));
    ++known;
  }
  EXPECT_EQ(known, 2U);
}

TEST_F(ColumnsProgram, ASlotThatDoesNotAgreeWithItselfIsNotBelieved) {
  ASSERT_NO_FATAL_FAILURE(load("comm"));
  const auto submitters = driver_->map_fd("submitters");
  ASSERT_TRUE(submitters) << submitters.error().message;
  struct Slot {
    std::uint64_t bio, check, comm[2], pid;
  };
  // As if another CPU had written one of its members meanwhile.
  for (const auto spoil : std::vector<void (*)(Slot&)>{
           [](Slot& slot) { slot.comm[0] ^= 1; }, [](Slot& slot) { slot.comm[1] ^= 1; },
           [](Slot& slot) { slot.pid += 1; }, [](Slot& slot) { slot.check ^= 4; }}) {
    submit(0x1000, "first");
    bool is_spoiled = false;
    const auto key = static_cast<std::uint32_t>(set_of(0x1000));
    std::array<Slot, 2> slots = {};
    ASSERT_EQ(bpf_map_lookup_elem(*submitters, &key, slots.data()), 0);
    for (Slot& slot : slots) {
      if (slot.bio != 0x1000) continue;
      spoil(slot);
      is_spoiled = bpf_map_update_elem(*submitters, &key, slots.data(), BPF_ANY) == 0;
    }
    ASSERT_TRUE(is_spoiled);
    EXPECT_EQ(submitter_of(0x1000), "-");
  }
}

TEST_F(ColumnsProgram, SwapIsToldByItsFlag) {
  ASSERT_NO_FATAL_FAILURE(load("file"));
  Zeroes bio = {};
  const auto bit = btf_->enumerator("req_flag_bits", "__REQ_SWAP");
  ASSERT_TRUE(bit);
  for (const std::uint32_t flags : {0U, 1U << *bit}) {
    FakeRequest one = request(kBytes, flags);
    one.put(*btf_, "bio", address_of(bio));
    pass(one);
  }
  EXPECT_EQ(column("file"), (Texts{"-", "[swap]"}));
}

}  // namespace
}  // namespace disksnoop::testing
