// Reading the kernel's files below a root that tests can choose.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

/// The directory that /proc and /sys are looked for in: "/" but in tests.
class Root {
 public:
  explicit Root(std::filesystem::path path = "/") : path_(std::move(path)) {}

  /// Where the absolute `path` lies below this root.
  std::filesystem::path at(std::string_view path) const;

 private:
  std::filesystem::path path_;
};

/// The whole file. Error: "cannot read PATH: REASON".
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace disksnoop
