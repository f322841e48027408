#include "request/filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/quantity.h"

namespace disksnoop {
namespace {

/// The kernel's name in what a user calls a device.
std::string_view name_of(std::string_view disk) {
  constexpr std::string_view kDev = "/dev/";
  return disk.starts_with(kDev) ? disk.substr(kDev.size()) : disk;
}

template <class Values, class Fits>
bool any(const Values& values, const Fits& fits) {
  return values.empty() || std::ranges::any_of(values, fits);
}

/// Whether a cgroup is this one or below it; its path begins with a slash.
bool is_below(std::string_view path, std::string_view above) {
  while (above.ends_with('/')) above.remove_suffix(1);
  if (path.empty() || above.empty()) return !path.empty();
  if (!above.starts_with('/')) path.remove_prefix(1);
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '/');
}

/// What a line of trace_pipe has in place of the operation: a read or a write.
std::optional<OperationClass> class_of(const Request& request) {
  if (request.operation) return class_of(*request.operation);
  if (request.type == 'R') return OperationClass::kRead;
  if (request.type == 'W') return OperationClass::kWrite;
  return std::nullopt;
}

bool has(const Columns& columns, std::string_view name) {
  return std::ranges::find(columns, name, &Column::name) != columns.end();
}

bool tell_operations(const Columns& columns, const Filter& filter) {
  if (has(columns, "op")) return true;
  return has(columns, "type") && std::ranges::all_of(filter.operations, [](OperationClass wanted) {
           return wanted == OperationClass::kRead || wanted == OperationClass::kWrite;
         });
}

}  // namespace

Result<std::vector<OperationClass>> parse_operations(std::string_view list) {
  std::vector<OperationClass> operations;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    const auto operation = find_operation_class(name);
    if (!operation) {
      return fail(fmt::format("there is no operation '{}'; there are {}", name,
                              fmt::join(names_of_operation_classes(), ", ")));
    }
    operations.push_back(*operation);
    if (comma == std::string_view::npos) return operations;
    list.remove_prefix(comma + 1);
  }
}

Result<std::string> parse_comm(std::string_view text) {
  constexpr std::size_t kMost = 15;  // TASK_COMM_LEN, without its NUL
  if (text.empty()) return fail("a process has a name");
  if (text.size() > kMost) {
    return fail(
        fmt::format("the kernel keeps {} bytes of a name: '{}'", kMost, text.substr(0, kMost)));
  }
  return std::string(text);
}

std::optional<std::uint32_t> parse_pid(std::string_view text) {
  constexpr std::uint64_t kMost = 1U << 22U;
  const auto number = parse_count(text);
  if (!number || *number == 0 || *number > kMost) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

bool fits(const Request& request, const Filter& filter) {
  const auto operation = class_of(request);
  return any(filter.disks,
             [&](const std::string& disk) {
               return request.disk == name_of(disk) || request.partition == name_of(disk);
             }) &&
         any(filter.pids, [&](std::uint32_t pid) { return request.pid == pid; }) &&
         any(filter.comms, [&](const std::string& comm) { return request.comm == comm; }) &&
         any(filter.cgroups,
             [&](const std::string& cgroup) { return is_below(request.cgroup, cgroup); }) &&
         any(filter.operations, [&](OperationClass wanted) { return operation == wanted; }) &&
         (!filter.min_ns || (request.latency_ns && *request.latency_ns >= *filter.min_ns)) &&
         (!filter.errors || !request.error.empty());
}

std::string_view not_told_by(const Columns& columns, const Filter& filter) {
  if (!filter.disks.empty() && !has(columns, "disk")) return "--disk";
  if (!filter.pids.empty() && !has(columns, "pid")) return "--pid";
  if (!filter.comms.empty() && !has(columns, "comm")) return "--comm";
  if (!filter.cgroups.empty() && !has(columns, "cgroup")) return "--cgroup";
  if (!filter.operations.empty() && !tell_operations(columns, filter)) return "--op";
  if (filter.min_ns && !has(columns, "latency")) return "--min-ms";
  if (filter.errors && !has(columns, "error")) return "--errors";
  if (filter.children) return "--children";
  return "";
}

}  // namespace disksnoop
