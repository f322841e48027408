#include "tracepoint/key_decoder.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "parts/by_cgroup.h"
#include "parts/by_comm.h"
#include "parts/by_disk.h"
#include "parts/by_file.h"
#include "parts/by_op.h"
#include "parts/by_partition.h"
#include "parts/by_pid.h"
#include "parts/file.h"

namespace disksnoop {
namespace {

using Bytes = std::vector<std::byte>;

/// A key, and the parts whose records follow each other in it.
struct Key {
  std::vector<const Part*> parts = {};
  Bytes bytes = {};

  template <class Record>
  Key&& with(std::string_view part, const Record& record) && {
    parts.push_back(&find_part(part));
    EXPECT_EQ(find_part(part).size, sizeof(record)) << part;
    const auto* const begin = reinterpret_cast<const std::byte*>(&record);
    bytes.insert(bytes.end(), begin, begin + sizeof(record));
    return std::move(*this);
  }
};

by_disk_part disk(std::string_view name) {
  by_disk_part part = {};
  std::memcpy(part.name, name.data(), name.size());
  return part;
}

by_comm_part comm(std::string_view name) {
  by_comm_part part = {.is_known = 1, .comm = {}};
  std::memcpy(part.comm, name.data(), name.size());
  return part;
}

/// The record of a path of one name.
Bytes path(const path_key& key, std::string_view name) {
  path_t path = {};
  path.key = key;
  path.flags = PATH_FROM_ROOT;
  path.size = static_cast<unsigned>(name.size() + 1);
  std::memcpy(path.names, name.data(), name.size());
  const auto* const bytes = reinterpret_cast<const std::byte*>(&path);
  return {bytes, bytes + offsetof(path_t, names) + path.size};
}

KeyDecoder decoder_of(const Key& key, std::string_view columns) {
  return {key.parts, *parse_summary_keys(columns), OperationTable()};
}

SummaryKey decoded(const Key& key, std::string_view columns) {
  return decoder_of(key, columns).decode(1, key.bytes);
}

const SummaryKey kUnknown = {std::monostate()};
const path_key kPath = {.object = 7, .number = 8, .generation = 9};

TEST(KeyDecoder, EachPartIsTheValueOfItsColumn) {
  EXPECT_EQ(decoded(Key().with("by_disk", disk("sda")), "disk"), SummaryKey{"sda"});
  const auto operation = [](unsigned long long number) {
    return decoded(Key().with("by_op", by_op_part{.operation = number}), "op");
  };
  EXPECT_EQ(operation(0), SummaryKey{"R"});
  EXPECT_EQ(operation(1), SummaryKey{"W"});
  EXPECT_EQ(operation(2), SummaryKey{"F"});
  EXPECT_EQ(operation(3), SummaryKey{"D"});
  EXPECT_EQ(operation(200), SummaryKey{"N"});
  EXPECT_EQ(decoded(Key().with("by_comm", comm("a b")), "comm"), SummaryKey{"a b"});
  EXPECT_EQ(decoded(Key().with("by_comm", comm("0123456789abcdef")), "comm"),
            SummaryKey{"0123456789abcdef"});
  EXPECT_EQ(decoded(Key().with("by_pid", by_pid_part{.is_known = 1, .pid = 0}), "pid"),
            SummaryKey{std::uint64_t{0}});
}

TEST(KeyDecoder, APartitionIsOfItsDisk) {
  const auto partition = [](std::string_view name, unsigned long long number,
                            std::string_view columns) {
    return decoded(
        Key().with("by_disk", disk(name)).with("by_partition", by_partition_part{.number = number}),
        columns);
  };
  EXPECT_EQ(partition("sda", 3, "partition"), SummaryKey{"sda3"});
  EXPECT_EQ(partition("nvme0n1", 12, "partition,disk"), (SummaryKey{"nvme0n1p12", "nvme0n1"}));
  EXPECT_EQ(partition("sda", 0, "disk,partition"), (SummaryKey{"sda", std::monostate()}));
}

TEST(KeyDecoder, ValuesAreInTheOrderThatWasAskedFor) {
  const Key key = Key()
                      .with("by_disk", disk("sda"))
                      .with("by_op", by_op_part{.operation = 1})
                      .with("by_comm", comm("dd"))
                      .with("by_pid", by_pid_part{.is_known = 1, .pid = 42});
  EXPECT_EQ(decoded(key, "pid,disk,comm,op"), (SummaryKey{std::uint64_t{42}, "sda", "dd", "W"}));
  EXPECT_EQ(decoded(key, "op,comm,pid,disk"), (SummaryKey{"W", "dd", std::uint64_t{42}, "sda"}));
}

TEST(KeyDecoder, PartsOfOthersAreNotInAKey) {
  Key key = Key().with("by_op", by_op_part{.operation = 1});
  key.parts = {&find_part("queue"), &find_part("submitter"), key.parts[0], &find_part("disk")};
  EXPECT_EQ(decoded(key, "op"), SummaryKey{"W"});
}

TEST(KeyDecoder, FilesAndCgroupsHaveTheirPaths) {
  const Key file = Key().with("by_file", by_file_part{.key = kPath, .kind = FILE_PATH});
  KeyDecoder of_files = decoder_of(file, "file");
  of_files.add_path(path(kPath, "name"));
  EXPECT_EQ(of_files.decode(1, file.bytes), SummaryKey{"/name"});
  const Key cgroup = Key().with("by_cgroup", by_cgroup_part{.key = kPath});
  KeyDecoder of_cgroups = decoder_of(cgroup, "cgroup");
  of_cgroups.add_path(path(kPath, "group"));
  EXPECT_EQ(of_cgroups.decode(1, cgroup.bytes), SummaryKey{"/group"});
}

TEST(KeyDecoder, WhatIsNoFileHasANameOfItsOwn) {
  const auto name_of = [](unsigned long long kind) {
    return decoded(Key().with("by_file", by_file_part{.key = {}, .kind = kind}), "file");
  };
  EXPECT_EQ(name_of(FILE_METADATA), SummaryKey{"[metadata]"});
  EXPECT_EQ(name_of(FILE_JOURNAL), SummaryKey{"[journal]"});
  EXPECT_EQ(name_of(FILE_SWAP), SummaryKey{"[swap]"});
  EXPECT_EQ(name_of(FILE_UNKNOWN), kUnknown);
}

TEST(KeyDecoder, WhatIsNotKnownIsNoValue) {
  EXPECT_EQ(decoded(Key().with("by_disk", disk("")), "disk"), kUnknown);
  EXPECT_EQ(decoded(Key().with("by_comm", by_comm_part{.is_known = 0, .comm = "stale"}), "comm"),
            kUnknown);
  EXPECT_EQ(decoded(Key().with("by_pid", by_pid_part{.is_known = 0, .pid = 42}), "pid"), kUnknown);
  EXPECT_EQ(decoded(Key().with("by_cgroup", by_cgroup_part{}), "cgroup"), kUnknown);
  EXPECT_EQ(decoded(Key().with("by_file", by_file_part{.key = kPath, .kind = FILE_PATH}), "file"),
            kUnknown);
  // A column whose part this kernel cannot have.
  EXPECT_EQ(decoded(Key().with("by_op", by_op_part{.operation = 1}), "disk,op"),
            (SummaryKey{std::monostate(), "W"}));
}

TEST(KeyDecoder, NothingIsLeftOfTheKeyBefore) {
  const Key known = Key().with("by_pid", by_pid_part{.is_known = 1, .pid = 42});
  const Key unknown = Key().with("by_pid", by_pid_part{});
  KeyDecoder decoder = decoder_of(known, "pid");
  EXPECT_EQ(decoder.decode(1, known.bytes), SummaryKey{std::uint64_t{42}});
  EXPECT_EQ(decoder.decode(1, unknown.bytes), kUnknown);
  EXPECT_EQ(decoder.decode(2, unknown.bytes), kUnknown);
}

TEST(KeyDecoder, ANameThatCameLateIsTakenThen) {
  const Key key = Key().with("by_cgroup", by_cgroup_part{.key = kPath});
  KeyDecoder decoder = decoder_of(key, "cgroup");
  EXPECT_EQ(decoder.decode(1, key.bytes), kUnknown);
  decoder.add_path(path(kPath, "group"));
  EXPECT_EQ(decoder.decode(1, key.bytes), SummaryKey{"/group"});
  decoder.add_path(path(kPath, "moved"));
  EXPECT_EQ(decoder.decode(1, key.bytes), SummaryKey{"/moved"});
}

TEST(KeyDecoder, ANameThatIsForgottenStaysThatOfItsLine) {
  const Key key = Key().with("by_cgroup", by_cgroup_part{.key = kPath});
  const path_key other_path = {.object = 1, .number = 1, .generation = 1};
  const Key other = Key().with("by_cgroup", by_cgroup_part{.key = other_path});
  KeyDecoder decoder = decoder_of(key, "cgroup");
  decoder.add_path(path(kPath, "group"));
  EXPECT_EQ(decoder.decode(1, key.bytes), SummaryKey{"/group"});
  EXPECT_EQ(decoder.decode(2, key.bytes), SummaryKey{"/group"});
  for (unsigned long long i = 0; i < 2 * Paths::kMost; ++i) {
    decoder.add_path(path({.object = 100 + i, .number = i, .generation = 0}, "x"));
  }
  EXPECT_EQ(decoder.decode(3, key.bytes), kUnknown);  // it is forgotten
  EXPECT_EQ(decoder.decode(1, key.bytes), SummaryKey{"/group"});
  EXPECT_EQ(decoder.decode(1, key.bytes), SummaryKey{"/group"});
  // The number stands for another line, and then for the first again.
  EXPECT_EQ(decoder.decode(1, other.bytes), kUnknown);
  EXPECT_EQ(decoder.decode(1, key.bytes), kUnknown);
  EXPECT_EQ(decoder.decode(2, key.bytes), SummaryKey{"/group"});
}

}  // namespace
}  // namespace disksnoop
