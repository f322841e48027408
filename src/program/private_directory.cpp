#include "program/private_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "system/blocked_signals.h"
#include "system/environment.h"
#include "system/pipe.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> parents() {
  const char* tmpdir = std::getenv("TMPDIR");
  if (tmpdir != nullptr && *tmpdir != '\0') return {tmpdir};
  return {"/dev/shm", "/tmp"};
}

/// Makes a directory below `parent`, with an empty file in it; the reason if it
/// cannot be had, and then nothing is left of it.
std::expected<fs::path, std::string> make_directory(const fs::path& parent, const fs::path& file) {
  std::error_code error;
  std::string path = (fs::absolute(parent, error) / "disksnoop-XXXXXX").string();
  if (error) return std::unexpected(error.message());
  if (::mkdtemp(path.data()) == nullptr) return std::unexpected(std::strerror(errno));
  const fs::path inside = fs::path(path) / file;
  fs::create_directories(inside.parent_path(), error);
  if (!error) {
    const UniqueFd made(::open(inside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made) return path;
    error.assign(errno, std::generic_category());
  }
  std::error_code ignored;
  fs::remove_all(path, ignored);
  return std::unexpected(error.message());
}

Result<fs::path> make_directory_somewhere(const fs::path& file) {
  std::string tried;
  for (const std::string& parent : parents()) {
    const auto path = make_directory(parent, file);
    if (path) return *path;
    tried += fmt::format("{}{}: {}", tried.empty() ? "" : ", ", parent, path.error());
  }
  return fail(fmt::format(
      "cannot make a directory for the headers ({}): make room there{}", tried,
      has_more_rights_than_caller() ? "" : ", or set TMPDIR to one that can be written to"));
}

/// The child's answer: one byte that says which of the two it is, then the
/// path or the message.
constexpr char kPath = 'p';
constexpr char kMessage = 'm';

/// The child, in which all signals stay blocked: makes the directory, so that
/// there is none without it, waits until the other end of `life_line` is closed,
/// and removes it. It holds nothing of its parent's open: not the user's stdin
/// and stdout, not trace_pipe, and not the life line of another directory, whose
/// end its own child could then never see.
[[noreturn]] void make_and_remove(const fs::path& file, int life_line, int answer) {
  close_all_but(life_line, answer);
  const auto path = make_directory_somewhere(file);
  const std::string text = path ? kPath + path->string() : kMessage + path.error().message;
  // A parent that does not get all of it does not use the directory; if it is
  // gone, the life line is closed too.
  const bool told = ::write(answer, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(answer);
  char byte = 0;
  while (told && ::read(life_line, &byte, 1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  if (path) fs::remove_all(*path, ignored);
  ::_exit(0);
}

}  // namespace

Result<PrivateDirectory> PrivateDirectory::create(const fs::path& file) {
  auto life = make_pipe();
  if (!life) return std::unexpected(life.error());
  auto answer = make_pipe();
  if (!answer) return std::unexpected(answer.error());
  pid_t remover = -1;
  {
    const BlockedSignals signals_blocked;
    remover = ::fork();
    if (remover == 0) make_and_remove(file, life->read_end.get(), answer->write_end.get());
  }
  if (remover < 0) return fail(fmt::format("cannot start a process: {}", std::strerror(errno)));
  answer->write_end = UniqueFd();
  PrivateDirectory directory({}, std::move(life->write_end), remover);
  const std::string text = read_to_end(answer->read_end.get());
  if (text.starts_with(kMessage)) return fail(text.substr(1));
  if (!text.starts_with(kPath)) return fail("the process that makes a directory was ended");
  directory.path_ = text.substr(1);
  return directory;
}

PrivateDirectory::PrivateDirectory(PrivateDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      life_line_(std::move(other.life_line_)),
      remover_(std::exchange(other.remover_, -1)) {}

PrivateDirectory::~PrivateDirectory() {
  if (remover_ < 0) return;
  life_line_ = UniqueFd();
  while (::waitpid(remover_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace disksnoop
