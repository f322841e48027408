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

Result<void> check_kernel_headers(const Root& root) {
  namespace fs = std::filesystem;
  constexpr std::string_view kConfig = "include/linux/kconfig.h";  // bcc looks for this file
  std::error_code ignored;
  if (const char* source = std::getenv("BCC_KERNEL_SOURCE")) {
    if (fs::is_regular_file(fs::path(source) / kConfig, ignored)) return {};
    return fail(fmt::format(
        "BCC_KERNEL_SOURCE is {}, where there is no {}: unset it, or take --headers=btf", source,
        kConfig));
  }
  utsname kernel = {};
  ::uname(&kernel);
  const fs::path modules = root.at(fmt::format("/lib/modules/{}", kernel.release));
  if (fs::is_regular_file(modules / "source" / kConfig, ignored) ||
      fs::is_regular_file(modules / "build" / kConfig, ignored)) {
    return {};
  }
  return fail(fmt::format(
      "no kernel headers for {}: install them (Debian: apt-get install linux-headers-{}), and give "
      "them to a container with -v /lib/modules:/lib/modules:ro -v /usr/src:/usr/src:ro",
      kernel.release, kernel.release));
}

}  // namespace disksnoop
