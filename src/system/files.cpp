#include "system/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "system/unique_fd.h"

namespace disksnoop {

std::filesystem::path Root::at(std::string_view path) const {
  return path_ / std::filesystem::path(path).relative_path();
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const auto failed = [&path] {
    return fail(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  };
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed();
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t length = ::read(fd.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return failed();
    if (length == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
}

}  // namespace disksnoop
