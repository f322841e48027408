#include "program/kernel_headers.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <filesystem>

namespace disksnoop {

void settle_kernel_source() {
  constexpr const char* kName = "BCC_KERNEL_SOURCE";
  const char* source = std::getenv(kName);
  if (source == nullptr) return;
  if (*source == '\0') {
    ::unsetenv(kName);
    return;
  }
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(source, error);
  if (!error) ::setenv(kName, path.c_str(), 1);
}

Result<std::filesystem::path> find_kernel_headers(const Root& root) {
  namespace fs = std::filesystem;
  constexpr std::string_view kConfig = "include/linux/kconfig.h";  // bcc looks for this file
  std::error_code ignored;
  if (const char* source = std::getenv("BCC_KERNEL_SOURCE")) {
    if (fs::is_regular_file(fs::path(source) / kConfig, ignored)) return source;
    return std::unexpected(error_with_way_out(
        fmt::format("BCC_KERNEL_SOURCE is {}, where there is no {}", source, kConfig), ": ",
        "unset it, or take --headers=btf"));
  }
  utsname kernel = {};
  ::uname(&kernel);
  const fs::path modules = root.at(fmt::format("/lib/modules/{}", kernel.release));
  for (const std::string_view tree : {"source", "build"}) {
    if (fs::is_regular_file(modules / tree / kConfig, ignored)) return modules / tree;
  }
  return std::unexpected(error_with_way_out(
      fmt::format("no kernel headers for {}", kernel.release), ": ",
      fmt::format("install them (Debian: apt-get install linux-headers-{}), and give them to a "
                  "container with -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro",
                  kernel.release)));
}

}  // namespace disksnoop
