// The values that the program filters by, in its maps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "request/filter.h"
#include "system/files.h"

namespace disksnoop {

class Wanted {
 public:
  /// The file descriptor of a map of the program, which stays its owner's.
  using MapFd = std::function<Result<int>(const std::string& name)>;

  /// What each value means here. Error: a process that is not there.
  static Result<Wanted> find(const Filter& filter, const Root& root);

  /// What is not there yet, and is waited for: a line each.
  const std::vector<std::string>& awaited() const { return awaited_; }

  /// Puts the values into the maps of the program that was compiled for this filter.
  Result<void> fill(const MapFd& map_fd);

  /// Looks again which of the cgroups are there: they come and go under their paths. To be
  /// called now and then. Error, once for each: it cannot be looked at, and counts as it was.
  Result<void> look_again();

 private:
  Result<void> find_groups(const Root& root);

  Filter filter_;
  std::vector<std::string> awaited_;
  std::filesystem::path hierarchy_;  ///< that the cgroups are in
  std::map<std::filesystem::path, std::optional<std::uint64_t>> cgroups_;  ///< with their numbers
  int cgroups_fd_ = -1;
  std::set<std::filesystem::path> told_;  ///< those of which was told that they cannot be seen
};

}  // namespace disksnoop
