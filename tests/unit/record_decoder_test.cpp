#include "tracepoint/record_decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "parts/cgroup.h"
#include "parts/disk.h"
#include "parts/error.h"
#include "parts/file.h"
#include "parts/partition.h"
#include "parts/pattern.h"
#include "parts/queue.h"
#include "parts/sector.h"
#include "parts/submitter.h"

namespace disksnoop {
namespace {

/// Records as they follow each other in an event.
class RecordDecoderTest : public ::testing::Test {
 protected:
  static constexpr event_t kEvent = {
      .ts = 5000, .delta = 2000, .data_len = 4096, .cmd_flags = 1 | 1 << 11};

  RecordDecoderTest() { add(kEvent); }

  template <class Record>
  void add(const Record& record) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(&record);
    record_.insert(record_.end(), bytes, bytes + sizeof(record));
  }

  template <class Record>
  void add(std::string_view part, const Record& record) {
    parts_.push_back(&find_part(part));
    EXPECT_EQ(find_part(part).size, sizeof(record));
    add(record);
  }

  const Request& decode(ErrorNumbers errors = ErrorNumbers::kBlkStatus) {
    decoder_.emplace(parts_, errors, OperationTable());
    for (const auto& path : paths_) decoder_->add_path(path);
    return decoder_->decode(record_.data());
  }

  void add_path(const path_key& key, std::string_view name) {
    path_t path = {};
    path.key = key;
    path.flags = PATH_FROM_ROOT;
    path.size = static_cast<unsigned>(name.size() + 1);
    std::memcpy(path.names, name.data(), name.size());
    const auto* const bytes = reinterpret_cast<const std::byte*>(&path);
    paths_.emplace_back(bytes, bytes + offsetof(path_t, names) + path.size);
  }

  static submitter_part submitter(unsigned pid, std::string_view comm) {
    submitter_part part = {.is_known = 1, .pid = pid, .comm = {}};
    std::memcpy(part.comm, comm.data(), comm.size());
    return part;
  }

  static disk_part disk(std::string_view name) {
    disk_part part = {};
    std::memcpy(part.name, name.data(), name.size());
    return part;
  }

  std::vector<const Part*> parts_;
  std::vector<std::byte> record_;
  std::vector<std::vector<std::byte>> paths_;
  std::optional<RecordDecoder> decoder_;
};

TEST_F(RecordDecoderTest, AnEventAlone) {
  const Request& request = decode();
  EXPECT_EQ(request.completed_ns, 5000);
  EXPECT_EQ(request.latency_ns, 2000U);
  EXPECT_EQ(request.bytes, 4096U);
  EXPECT_EQ(request.type, 'W');
  EXPECT_EQ(request.operation->letters(), "WS");
  EXPECT_FALSE(request.clock);
  EXPECT_FALSE(request.queue_ns);
  EXPECT_FALSE(request.sector);
  EXPECT_FALSE(request.pid);
  EXPECT_FALSE(request.is_sequential);
  for (const auto text : {request.disk, request.partition, request.comm, request.cgroup,
                          request.file, request.error}) {
    EXPECT_EQ(text, "");
  }
}

TEST_F(RecordDecoderTest, RecordsFollowInTheOrderOfTheParts) {
  add_path({7, 8, 0}, "group");
  add_path({9, 10, 11}, "name");
  add("queue", queue_part{.allocated_ns = 2500});
  add("sector", sector_part{.number = 77});
  add("pattern", pattern_part{.is_known = 1, .is_sequential = 1});
  add("submitter", submitter(42, "dd"));
  add("cgroup", cgroup_part{.key = {7, 8, 0}});
  add("file", file_part{.key = {9, 10, 11}, .kind = FILE_PATH});
  add("disk", disk("sda"));
  add("partition", partition_part{.number = 3});
  add("error", error_part{.value = 10});
  const Request& request = decode();
  EXPECT_EQ(request.queue_ns, 500U);
  EXPECT_EQ(request.sector, 77U);
  EXPECT_EQ(request.is_sequential, true);
  EXPECT_EQ(request.pid, 42U);
  EXPECT_EQ(request.comm, "dd");
  EXPECT_EQ(request.cgroup, "/group");
  EXPECT_EQ(request.file, "/name");
  EXPECT_EQ(request.disk, "sda");
  EXPECT_EQ(request.partition, "sda3");
  EXPECT_EQ(request.error, "EIO");
}

TEST_F(RecordDecoderTest, NothingIsLeftOfTheRequestBefore) {
  add("submitter", submitter(42, "dd"));
  add("partition", partition_part{});
  ASSERT_EQ(decode().pid, 42U);
  const submitter_part unknown = {};
  std::memcpy(record_.data() + sizeof(event_t), &unknown, sizeof(unknown));
  const Request& next = decoder_->decode(record_.data());
  EXPECT_FALSE(next.pid);
  EXPECT_EQ(next.comm, "");
}

TEST_F(RecordDecoderTest, ZeroIsANumberAndAbsentIsNot) {
  add("queue", queue_part{.allocated_ns = 3000});
  add("sector", sector_part{.number = 0});
  add("pattern", pattern_part{.is_known = 1, .is_sequential = 0});
  add("submitter", submitter(0, ""));
  const Request& request = decode();
  EXPECT_EQ(request.queue_ns, 0U);
  EXPECT_EQ(request.sector, 0U);
  EXPECT_EQ(request.is_sequential, false);
  EXPECT_EQ(request.pid, 0U);
}

TEST_F(RecordDecoderTest, WhatTheKernelDoesNotTellIsAbsent) {
  add("queue", queue_part{.allocated_ns = 0});
  add("sector", sector_part{.number = ~0ULL});
  add("pattern", pattern_part{.is_known = 0, .is_sequential = 1});
  add("submitter", submitter_part{.is_known = 0, .pid = 42, .comm = "stale"});
  add("cgroup", cgroup_part{});
  add("file", file_part{});
  add("disk", disk("sda"));
  add("partition", partition_part{});
  add("error", error_part{});
  const Request& request = decode();
  EXPECT_FALSE(request.queue_ns);
  EXPECT_FALSE(request.sector);
  EXPECT_FALSE(request.is_sequential);
  EXPECT_FALSE(request.pid);
  for (const auto text :
       {request.comm, request.cgroup, request.file, request.partition, request.error}) {
    EXPECT_EQ(text, "");
  }
}

TEST_F(RecordDecoderTest, AnAllocationAfterTheIssueIsNone) {
  add("queue", queue_part{.allocated_ns = 3001});
  EXPECT_FALSE(decode().queue_ns);
}

TEST_F(RecordDecoderTest, TextsMayFillTheirPlace) {
  add("submitter", submitter(1, "0123456789abcdef"));
  add("disk", disk("0123456789abcdef0123456789abcdeX"));
  const Request& request = decode();
  EXPECT_EQ(request.comm, "0123456789abcdef");
  EXPECT_EQ(request.disk, "0123456789abcdef0123456789abcdeX");
}

TEST_F(RecordDecoderTest, WhatStandsAfterTheEndOfATextIsNotRead) {
  add("disk", disk(std::string_view("sda\0old", 7)));
  EXPECT_EQ(decode().disk, "sda");
}

TEST_F(RecordDecoderTest, APathThatDidNotComeIsAbsent) {
  add_path({9, 10, 12}, "another");
  add("file", file_part{.key = {9, 10, 11}, .kind = FILE_PATH});
  EXPECT_EQ(decode().file, "");
}

TEST_F(RecordDecoderTest, OfADiskWhoseNameEndsWithADigit) {
  add("disk", disk("nvme0n1"));
  add("partition", partition_part{.number = 12});
  EXPECT_EQ(decode().partition, "nvme0n1p12");
}

TEST_F(RecordDecoderTest, ErrorsByTheirNumbering) {
  add("error", error_part{.value = 14});
  EXPECT_EQ(decode(ErrorNumbers::kBlkStatus).error, "EBUSY");
  EXPECT_EQ(decode(ErrorNumbers::kBlkStatus610).error, "ETOOMANYREFS");
}

TEST_F(RecordDecoderTest, MetadataOfTheProcessOfAJournalIsTheJournal) {
  add("submitter", submitter(1, "jbd2/sda1-8"));
  add("file", file_part{.key = {}, .kind = FILE_METADATA});
  EXPECT_EQ(decode().file, "[journal]");
}

TEST_F(RecordDecoderTest, MetadataOfOthersIsMetadata) {
  add("submitter", submitter(1, "kworker/u8:1"));
  add("file", file_part{.key = {}, .kind = FILE_METADATA});
  EXPECT_EQ(decode().file, "[metadata]");
}

TEST_F(RecordDecoderTest, Swap) {
  add("submitter", submitter(1, "kswapd0"));
  add("file", file_part{.key = {}, .kind = FILE_SWAP});
  EXPECT_EQ(decode().file, "[swap]");
}

}  // namespace
}  // namespace disksnoop
