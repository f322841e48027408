// Which requests are asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "request/columns.h"
#include "request/operation.h"

namespace disksnoop {

/// Of each kind that has values a request must fit one; of a kind without, any does.
struct Filter {
  std::vector<std::string> disks = {};  ///< and partitions, as a user calls them
  std::vector<std::uint32_t> pids = {};
  std::vector<std::string> comms = {};
  std::vector<std::string> cgroups = {};  ///< paths; what is below one fits too
  std::vector<OperationClass> operations = {};
  std::optional<std::uint64_t> min_ns = {};  ///< from issue to completion
  bool errors = false;                       ///< only those that failed
  bool children = false;                     ///< also of what these processes fork from now on
  bool operator==(const Filter&) const = default;
};

/// "read,write". Error: a name that is none, with all that are.
Result<std::vector<OperationClass>> parse_operations(std::string_view list);

/// The name of a process as the kernel keeps it. Error: longer than its 15 bytes, with
/// what it keeps; empty.
Result<std::string> parse_comm(std::string_view text);

/// A number that a process can have, from 1 to 2^22 (PID_MAX_LIMIT).
std::optional<std::uint32_t> parse_pid(std::string_view text);

/// Whether a request that was recorded fits, by what its row tells. What is not known of
/// it does not.
bool fits(const Request& request, const Filter& filter);

/// What a filter asks that rows with these columns do not tell, as an option; empty for
/// nothing.
std::string_view not_told_by(const Columns& columns, const Filter& filter);

}  // namespace disksnoop
