#include "kernel/private_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> parents() {
  const char* tmpdir = std::getenv("TMPDIR");
  if (tmpdir != nullptr && *tmpdir != '\0') return {tmpdir};
  return {"/dev/shm", "/tmp"};
}

Result<fs::path> make_directory() {
  std::string tried;
  for (const std::string& parent : parents()) {
    std::string path = parent + "/disksnoop-XXXXXX";
    if (::mkdtemp(path.data()) != nullptr) return fs::absolute(path);
    tried += fmt::format("{}{}: {}", tried.empty() ? "" : ", ", parent, std::strerror(errno));
  }
  return fail(fmt::format(
      "cannot make a directory for the headers ({}): set TMPDIR to one that can be written to",
      tried));
}

/// Holds SIGINT and SIGTERM back, so that they find either no directory or the
/// child that removes it.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &signals, &saved_);
  }
  ~SignalsBlocked() { ::sigprocmask(SIG_SETMASK, &saved_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t saved_ = {};
};

/// The child: waits until the other end of `life_line` is closed, and removes
/// the directory. It takes no part in the terminal's Ctrl-C, and holds nothing
/// of its parent's open.
[[noreturn]] void remove_when_parent_ends(int life_line, const fs::path& path) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(signal, SIG_IGN);
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  char byte = 0;
  while (::read(life_line, &byte, 1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  fs::remove_all(path, ignored);
  ::_exit(0);
}

}  // namespace

Result<PrivateDirectory> PrivateDirectory::create() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  const UniqueFd child_end(ends[0]);
  UniqueFd life_line(ends[1]);
  const SignalsBlocked signals_blocked;
  auto path = make_directory();
  if (!path) return std::unexpected(path.error());
  const pid_t remover = ::fork();
  if (remover == 0) {
    ::close(life_line.get());
    remove_when_parent_ends(child_end.get(), *path);
  }
  if (remover < 0) {
    const int error = errno;
    std::error_code ignored;
    fs::remove(*path, ignored);
    return fail(fmt::format("cannot start a process: {}", std::strerror(error)));
  }
  return PrivateDirectory(std::move(*path), std::move(life_line), remover);
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

Result<void> PrivateDirectory::write(const HeaderTree& tree) const {
  for (const auto& [name, content] : tree) {
    const fs::path file = path_ / name;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    std::ofstream stream(file, std::ios::binary);
    stream << content;
    stream.close();
    if (error || !stream) {
      return fail(fmt::format("cannot write {}: {}", file.string(),
                              error ? error.message() : std::strerror(errno)));
    }
  }
  return {};
}

}  // namespace disksnoop
