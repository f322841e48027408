#include "tracepoint/line_tables.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <utility>

#include "system/unique_fd.h"

namespace disksnoop {
namespace {

std::size_t bytes_of(const LineRoom& room) {
  return LINE_SETS * room.cpus * room.lines * sizeof(line_t);
}

TEST(LinesFor, AreAsManyAsAreOfUse) {
  for (const std::size_t cpus : {1U, 2U}) {
    EXPECT_EQ(room_for_lines(cpus).lines, 1024U);
    EXPECT_EQ(room_for_lines(cpus, 0).lines, 256U);
    EXPECT_EQ(room_for_lines(cpus, 170).lines, 256U);
    EXPECT_EQ(room_for_lines(cpus, 1000).lines, 1500U);
  }
}

TEST(LinesFor, MoreLinesAreSharedByMoreCpus) {
  EXPECT_EQ(room_for_lines(128, 100).cpus, 16U);
  EXPECT_EQ(room_for_lines(128, 1000).cpus, 2U);
  EXPECT_EQ(room_for_lines(128, 2000).cpus, 1U);
  EXPECT_GT(room_for_lines(128, 100'000).lines, 4000U);
}

TEST(LinesFor, TakeNoMoreMemoryOnLargeMachinesAndAreNotFew) {
  for (std::size_t cpus = 1; cpus <= 4096; ++cpus) {
    for (const LineRoom& room : {room_for_lines(cpus), room_for_lines(cpus, 1),
                                 room_for_lines(cpus, 300), room_for_lines(cpus, 100'000)}) {
      EXPECT_LE(bytes_of(room), 64U << 20U) << cpus;
      EXPECT_GE(room.lines, 256U) << cpus;
      EXPECT_GE(room.cpus, 1U) << cpus;
      EXPECT_LE(room.cpus, cpus);
    }
  }
}

std::unique_ptr<line_t> line_of(std::initializer_list<std::uint64_t> latencies_ns,
                                std::initializer_list<std::uint64_t> queues_ns) {
  auto line = std::make_unique<line_t>();
  for (const std::uint64_t ns : latencies_ns) {
    ++line->requests;
    line->bytes += 4096;
    line->latency_ns += ns;
    line->longest_ns = std::max<unsigned long long>(line->longest_ns, ns);
    ++line->latency[bucket_of_ns(ns)];
  }
  for (const std::uint64_t ns : queues_ns) {
    line->queue_ns += ns;
    line->longest_queue_ns = std::max<unsigned long long>(line->longest_queue_ns, ns);
    ++line->queue[bucket_of_ns(ns)];
  }
  return line;
}

Histogram times(std::initializer_list<std::uint64_t> all_ns) {
  Histogram times;
  for (const std::uint64_t ns : all_ns) times.add(ns);
  return times;
}

TEST(TakeOutLine, HasAllThatWasCounted) {
  const auto line = line_of({0, 31, 32, 5'000'000, 5'000'000, std::uint64_t{1} << 50U}, {700, 9});
  line->errors = 2;
  const SummaryLine taken = take_out_line(*line);
  EXPECT_EQ(taken.requests, 6U);
  EXPECT_EQ(taken.bytes, 6 * 4096U);
  EXPECT_EQ(taken.errors, 2U);
  EXPECT_EQ(taken.latency, times({0, 31, 32, 5'000'000, 5'000'000, std::uint64_t{1} << 50U}));
  EXPECT_EQ(taken.queue, times({700, 9}));
}

TEST(TakeOutLine, LeavesNothing) {
  const auto line = line_of({1, 2'000'000'000}, {3});
  line->errors = 1;
  take_out_line(*line);
  EXPECT_EQ(std::memcmp(line.get(), std::make_unique<line_t>().get(), sizeof(line_t)), 0);
  const SummaryLine again = take_out_line(*line);
  EXPECT_EQ(again.requests, 0U);
  EXPECT_EQ(again.bytes, 0U);
  EXPECT_EQ(again.errors, 0U);
  EXPECT_EQ(again.latency, Histogram());
  EXPECT_EQ(again.queue, Histogram());
}

TEST(TakeOutLine, WhatIsCountedAfterwardsIsThereTheNextTime) {
  const auto line = line_of({90'000}, {});
  SummaryLine all = take_out_line(*line);
  *line = *line_of({70, 1'000'000}, {5});
  all.merge(take_out_line(*line));
  EXPECT_EQ(all.requests, 3U);
  EXPECT_EQ(all.latency, times({90'000, 70, 1'000'000}));
  EXPECT_EQ(all.queue, times({5}));
}

/// Memory that can be mapped as an array of the program can.
UniqueFd memory(std::size_t size) {
  UniqueFd fd(::memfd_create("array", MFD_CLOEXEC));
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size)), 0);
  return fd;
}

TEST(MappedArray, HasEachValueAtAMultipleOfEightBytes) {
  for (const auto& [size, each] : {std::pair<std::size_t, std::size_t>{4, 8},
                                   {8, 8},
                                   {9, 16},
                                   {24, 24},
                                   {sizeof(line_t), 8008}}) {
    const UniqueFd fd = memory(3 * each);
    const auto array = MappedArray::open(fd.get(), "values", 3, size, MappedArray::Access::kWrite);
    ASSERT_TRUE(array) << array.error().message;
    EXPECT_EQ(array->size(), 3U);
    EXPECT_EQ(array->value_size(), each) << size;
    *(*array)[2] = std::byte{42};
    std::byte there{};
    EXPECT_EQ(::pread(fd.get(), &there, 1, static_cast<off_t>(2 * each)), 1);
    EXPECT_EQ(there, std::byte{42}) << size;
  }
}

TEST(MappedArray, SeesWhatOthersWrite) {
  const UniqueFd fd = memory(16);
  const auto array = MappedArray::open(fd.get(), "values", 2, 8, MappedArray::Access::kRead);
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_EQ(*(*array)[1], std::byte{0});
  const std::byte written{7};
  ASSERT_EQ(::pwrite(fd.get(), &written, 1, 8), 1);
  EXPECT_EQ(*(*array)[1], std::byte{7});
}

TEST(MappedArray, StaysWhereItIsWhenItIsMoved) {
  const UniqueFd fd = memory(8);
  auto array = MappedArray::open(fd.get(), "values", 1, 8, MappedArray::Access::kWrite);
  ASSERT_TRUE(array);
  const MappedArray moved = std::move(*array);
  *moved[0] = std::byte{1};
  EXPECT_EQ(*moved[0], std::byte{1});
}

TEST(MappedArray, WhatCannotBeMappedIsToldByItsName) {
  using enum MappedArray::Access;
  const auto none = MappedArray::open(-1, "lines", 1, 8, kRead);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "cannot map lines of the program: Bad file descriptor");
  const UniqueFd sealed(::memfd_create("array", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(sealed.get(), 8), 0);
  ASSERT_EQ(::fcntl(sealed.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
  const auto array = MappedArray::open(sealed.get(), "keys", 1, 8, kWrite);
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().message, "cannot map keys of the program: Operation not permitted");
}

}  // namespace
}  // namespace disksnoop
