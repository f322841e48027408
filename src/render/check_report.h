// What --check found.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

enum class Mark {
  kOk,
  kWarn,     ///< there, but not as one might take it to be
  kMissing,  ///< not there; what that means is told at the end
  kUnknown   ///< this caller cannot see it
};

struct Finding {
  std::string subject;  ///< "tracefs"
  Mark mark;
  std::string fact;          ///< in one line
  std::string way_out = {};  ///< what to do about it; empty for nothing
};

/// A column of rows, by its name, and why it is - here; none if it is not.
struct ColumnFinding {
  std::string_view name;
  std::optional<std::string> missing;
};

struct DeviceFinding {
  std::string name;
  bool has_requests;
  std::vector<std::string> below;  ///< what it lies on
};

struct CheckReport {
  std::vector<Finding> findings;
  std::vector<ColumnFinding> columns;
  std::vector<DeviceFinding> devices;
  /// That a plain `disksnoop` of this caller takes; none if it does not work.
  std::optional<std::string_view> engine;
  std::optional<std::string> command;  ///< that works; none is known: none
};

}  // namespace disksnoop
