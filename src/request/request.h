// A completed request, and what can be known of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "request/operation.h"

namespace disksnoop {

/// A moment by the wall clock.
struct WallTime {
  std::int64_t unix_us = 0;   ///< since 1970-01-01 00:00 UTC
  std::int32_t offset_s = 0;  ///< of local time, east of UTC
  bool operator==(const WallTime&) const = default;
};

/// Integers in the kernel's units. What is not known, or was not asked for, is
/// absent; texts are empty then. Texts are others', as the kernel has them, and
/// their owner's: valid while the request is handed on.
struct Request {
  std::optional<std::int64_t> completed_ns;  ///< on the clock of its source
  std::optional<WallTime> clock;             ///< the same moment
  std::optional<std::uint64_t> latency_ns;   ///< from its issue to its completion
  std::optional<std::uint64_t> queue_ns;     ///< from its allocation to its issue
  std::optional<std::uint64_t> bytes;        ///< of the whole request
  std::optional<std::uint64_t> sector;       ///< its first one, of 512 bytes, on the disk
  std::optional<std::uint32_t> pid;          ///< thread group of who submitted it
  std::optional<Operation> operation;
  std::optional<bool> is_sequential;  ///< begins where the last one of its disk ended
  char type = '\0';                   ///< W, R or M, as disksnoop.py tells them apart
  std::string_view disk;              ///< the kernel's name for it
  std::string_view partition;         ///< empty also for a request of the whole disk
  std::string_view comm;              ///< of who submitted it
  std::string_view cgroup;            ///< path of the one that it is charged to
  std::string_view file;   ///< path from the root of its filesystem, or what else it is of
  std::string_view error;  ///< errno name; empty also where it did not fail
};

/// disksnoop.py: W where bit 0 of cmd_flags is set (op_is_write()), else M without
/// bytes, else R.
constexpr char type_of(bool is_write, std::uint64_t bytes) {
  return is_write ? 'W' : bytes == 0 ? 'M' : 'R';
}

/// Takes a request; false means that no more are wanted.
using RequestSink = std::function<bool(const Request&)>;

}  // namespace disksnoop
