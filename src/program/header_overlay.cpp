#include "program/header_overlay.h"

#include <fmt/format.h>

namespace disksnoop {
namespace {

/// A directory that is nowhere but in the overlay.
constexpr const char* kTree = "/disksnoop";

}  // namespace

std::string make_header_overlay(const HeaderPaths& paths) {
  std::string files;
  for (const auto& [name, path] : paths) {
    files += fmt::format(R"({}{{"type": "file", "name": "{}/{}", "external-contents": "{}"}})",
                         files.empty() ? "" : ",\n", kTree, name, path);
  }
  return fmt::format(
      R"({{"version": 0, "fallthrough": false, "use-external-names": false, "roots": [{}]}})",
      files);
}

std::vector<std::string> header_overlay_flags(const std::string& overlay) {
  return {"-ivfsoverlay", overlay, "-Xclang", "-working-directory", "-Xclang", kTree};
}

}  // namespace disksnoop
