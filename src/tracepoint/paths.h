// Paths of files and cgroups, which the program sends once and then only names.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "block_rq.h"
#include "parts/path.h"

namespace disksnoop {

/// The path that a record of the program tells: "/a/b"; ".../a/b" where names at its
/// beginning are missing; "/a/b (deleted)" as /proc marks it. "/" is the root itself.
/// `record`: a path_t, as much of it as was sent. Empty if it is none.
std::string path_of(std::span<const std::byte> record);

class Paths {
 public:
  /// Paths that are not named again for a while are forgotten: the program sends
  /// one again each second that it is needed.
  static constexpr std::size_t kMost = 65536;

  /// Takes a record of the program.
  void add(std::span<const std::byte> record);

  /// The path under a key; empty for none. Valid until the next call.
  std::string_view find(const path_key& key);

 private:
  struct Hash {
    std::size_t operator()(const path_key& key) const;
  };
  struct Equal {
    bool operator()(const path_key& a, const path_key& b) const;
  };
  using Map = std::unordered_map<path_key, std::string, Hash, Equal>;

  Map young_;
  Map old_;  ///< what was young before, and has not been named since
};

}  // namespace disksnoop
