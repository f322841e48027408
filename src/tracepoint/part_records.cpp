#include "tracepoint/part_records.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "parts/by_comm.h"
#include "parts/by_op.h"
#include "parts/by_pid.h"
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

/// A record of the program, from its place in an event.
template <class Record>
Record read(const std::byte* at) {
  static_assert(sizeof(Record) % 8 == 0, "so that the records of an event have no gaps");
  Record record;
  std::memcpy(&record, at, sizeof(record));
  return record;
}

/// Text of a fixed place, up to its NUL.
std::string_view text_in(const std::byte* at, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(at), size);
  return all.substr(0, all.find('\0'));
}

}  // namespace

void decode_queue(const std::byte* record, Decoding& decoding, Request& request) {
  const std::uint64_t allocated_ns = read<queue_part>(record).allocated_ns;
  if (allocated_ns != 0 && allocated_ns <= decoding.issued_ns) {
    request.queue_ns = decoding.issued_ns - allocated_ns;
  }
}

void decode_sector(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  const std::uint64_t number = read<sector_part>(record).number;
  if (number != ~std::uint64_t{0}) request.sector = number;
}

void decode_disk(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  request.disk = text_in(record, sizeof(disk_part::name));
}

/// "sda1", "nvme0n1p1": disk_name() in block/partitions/core.c.
void decode_partition(const std::byte* record, Decoding& decoding, Request& request) {
  const std::uint64_t number = read<partition_part>(record).number;
  if (number == 0 || request.disk.empty()) return;
  const bool ends_with_digit = request.disk.back() >= '0' && request.disk.back() <= '9';
  decoding.partition = fmt::format("{}{}{}", request.disk, ends_with_digit ? "p" : "", number);
  request.partition = decoding.partition;
}

void decode_error(const std::byte* record, Decoding& decoding, Request& request) {
  request.error = error_name(read<error_part>(record).value, decoding.errors);
}

void decode_pattern(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  const auto part = read<pattern_part>(record);
  if (part.is_known != 0) request.is_sequential = part.is_sequential != 0;
}

void decode_submitter(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  const auto part = read<submitter_part>(record);
  if (part.is_known == 0) return;
  request.pid = part.pid;
  request.comm = text_in(record + offsetof(submitter_part, comm), sizeof(part.comm));
}

void decode_cgroup(const std::byte* record, Decoding& decoding, Request& request) {
  request.cgroup = decoding.paths.find(read<cgroup_part>(record).key);
}

void decode_file(const std::byte* record, Decoding& decoding, Request& request) {
  const auto part = read<file_part>(record);
  switch (static_cast<file_kind_t>(part.kind)) {
    case FILE_PATH:
      request.file = decoding.paths.find(part.key);
      return;
    case FILE_METADATA:
      // ext4 and ocfs2 have a journal, which a thread of its own writes.
      request.file =
          request.type == 'W' && request.comm.starts_with("jbd2/") ? "[journal]" : "[metadata]";
      return;
    case FILE_JOURNAL:
      request.file = "[journal]";
      return;
    case FILE_SWAP:
      request.file = "[swap]";
      return;
    case FILE_UNKNOWN:
      return;
  }
}

void decode_by_op(const std::byte* record, Decoding& decoding, Request& request) {
  const auto number = static_cast<std::uint32_t>(read<by_op_part>(record).operation);
  request.operation = decoding.operations->operation_of(number);
}

void decode_by_comm(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  if (read<by_comm_part>(record).is_known == 0) return;
  request.comm = text_in(record + offsetof(by_comm_part, comm), sizeof(by_comm_part::comm));
}

void decode_by_pid(const std::byte* record, Decoding& /*decoding*/, Request& request) {
  const auto part = read<by_pid_part>(record);
  if (part.is_known != 0) request.pid = part.pid;
}

}  // namespace disksnoop
