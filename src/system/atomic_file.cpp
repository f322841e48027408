#include "system/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>

#include "system/write_whole.h"

namespace disksnoop {
namespace {

/// In the directory of the file, so that it can take its place.
std::string temporary_name(std::string_view name) {
  constexpr std::size_t kMost = 200;  // NAME_MAX is 255
  // Not by the number of this process, which one in another container has too.
  std::random_device random;
  return fmt::format(".{}.{:08x}{:08x}", name.substr(0, kMost), random(), random());
}

UniqueFd create(int directory, const std::string& name) {
  constexpr mode_t kMode = 0666;  // less the umask
  return UniqueFd(::openat(directory, name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
}

/// Why what is at this name cannot be replaced; empty if it can. A link is not followed: one that
/// another user puts there would choose which file is lost.
std::string why_not_replace(int directory, const std::string& name,
                            std::initializer_list<int> others) {
  struct stat there = {};
  struct stat around = {};
  if (::fstatat(directory, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? "" : std::strerror(errno);
  }
  if (S_ISLNK(there.st_mode)) return "it is a link";
  if (!S_ISREG(there.st_mode)) return "it is no regular file";
  for (const int other : others) {
    struct stat used = {};
    if (::fstat(other, &used) == 0 && used.st_dev == there.st_dev && used.st_ino == there.st_ino) {
      return "it is read or written already";
    }
  }
  const uid_t own = ::geteuid();
  const bool is_sticky = ::fstat(directory, &around) == 0 && (around.st_mode & S_ISVTX) != 0;
  if (is_sticky && own != 0 && there.st_uid != own && around.st_uid != own) {
    return "it is another user's";
  }
  return "";
}

}  // namespace

Result<AtomicFile> AtomicFile::open(const std::string& path, std::initializer_list<int> others) {
  const auto cannot = [&path](std::string_view why) {
    return fail(fmt::format("cannot write {}: {}", path, why));
  };
  if (path.empty() || path.ends_with('/')) return cannot("it names no file");
  const std::filesystem::path target(path);
  const std::string name = target.filename();
  const std::string parent = target.has_parent_path() ? target.parent_path().string() : ".";
  UniqueFd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return cannot(std::strerror(errno));
  if (name == "." || name == "..") return cannot("it is no regular file");
  if (const std::string why = why_not_replace(directory.get(), name, others); !why.empty()) {
    return cannot(why);
  }
  const std::string temporary = temporary_name(name);
  if (!create(directory.get(), temporary)) return cannot(std::strerror(errno));
  ::unlinkat(directory.get(), temporary.c_str(), 0);
  return AtomicFile(path, std::move(directory), name);
}

Error AtomicFile::cannot_write() const {
  return {fmt::format("cannot write {}: {}", path_, std::strerror(errno))};
}

Result<void> AtomicFile::write(std::string_view text, Text kind) const {
  const std::string temporary = temporary_name(name_);
  const UniqueFd file = create(directory_.get(), temporary);
  if (!file) return std::unexpected(cannot_write());
  if (!write_whole(file.get(), text) || (kind == Text::kFinal && ::fsync(file.get()) != 0)) {
    auto error = cannot_write();
    ::unlinkat(directory_.get(), temporary.c_str(), 0);
    return std::unexpected(std::move(error));
  }
  if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), name_.c_str()) == 0) {
    return {};
  }
  Error error = cannot_write();
  if (kind == Text::kRenewed) {
    ::unlinkat(directory_.get(), temporary.c_str(), 0);
    return std::unexpected(std::move(error));
  }
  error.message += fmt::format("; it is in {} beside it", temporary);
  return std::unexpected(std::move(error));
}

}  // namespace disksnoop
