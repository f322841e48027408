// What of a filter is compiled into the program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "request/operation.h"
#include "system/process.h"

namespace disksnoop {

/// Disks, operations and names are conditions in the program; processes and cgroups are in maps
/// of it (wanted.h), and here stands only that there are some.
struct ProgramFilter {
  bool requests = true;                          ///< of disks that have some
  bool bios = false;                             ///< of devices that have no requests
  std::string disk_condition = {};               ///< in C, see name_condition.h; empty: any disk
  bool partitions = false;                       ///< the condition asks for some
  std::optional<std::uint64_t> operations = {};  ///< a bit for each number
  bool processes = false;
  std::string comm_condition = {};  ///< the same; empty: any name
  bool children = false;
  std::optional<PidNamespace> pid_namespace = {};  ///< of the numbers; none: the first one
  bool cgroups = false;
  std::optional<std::uint64_t> min_ns = {};
  bool errors = false;
};

/// The bits of the operations of these classes; each number above 63 counts as 64 less, and
/// no kernel has one.
std::uint64_t operation_bits(std::span<const OperationClass> classes, const OperationTable& table);

}  // namespace disksnoop
