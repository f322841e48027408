#include "program/header_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string_view>

#include "program/memory_file.h"

namespace disksnoop {
namespace {

Result<UniqueFd> memory_file_of(std::string_view content) {
  auto file = make_memory_file("disksnoop header");
  while (file && !content.empty()) {
    const ssize_t written = ::write(file->get(), content.data(), content.size());
    if (written > 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return fail(fmt::format("cannot write a header to memory: {}{}", std::strerror(errno),
                              errno == EFBIG ? "; lift that with ulimit -f unlimited" : ""));
    }
  }
  return file;
}

constexpr const char* kDescriptors = "/proc/self/fd";

std::string path_of(const UniqueFd& file) { return fmt::format("{}/{}", kDescriptors, file.get()); }

}  // namespace

Result<void> HeaderFiles::check_readable() {
  if (::access(kDescriptors, X_OK) == 0) return {};
  return std::unexpected(error_with_way_out(
      fmt::format("cannot read the headers below {}: {}", kDescriptors, std::strerror(errno)), "; ",
      "mount /proc there"));
}

Result<HeaderFiles> HeaderFiles::create(const HeaderTree& tree) {
  if (auto readable = check_readable(); !readable) return std::unexpected(readable.error());
  // The file by which libbcc knows a tree of the kernel's headers
  // (ClangLoader::parse in src/cc/frontends/clang/loader.cc).
  auto directory = PrivateDirectory::create("include/linux/kconfig.h");
  if (!directory) return std::unexpected(directory.error());
  HeaderFiles headers(std::move(*directory));

  // Many are alike, and a descriptor each is as much as they need.
  std::map<std::string_view, std::string> path_of_content;
  HeaderPaths paths;
  for (const auto& [name, content] : tree) {
    std::string& path = path_of_content[content];
    if (path.empty()) {
      auto file = memory_file_of(content);
      if (!file) return std::unexpected(file.error());
      path = path_of(*file);
      headers.files_.push_back(std::move(*file));
    }
    paths.emplace(name, path);
  }
  auto overlay = memory_file_of(make_header_overlay(paths));
  if (!overlay) return std::unexpected(overlay.error());
  headers.clang_flags_ = header_overlay_flags(path_of(*overlay));
  headers.files_.push_back(std::move(*overlay));
  return headers;
}

}  // namespace disksnoop
