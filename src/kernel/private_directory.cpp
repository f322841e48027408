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

/// Holds SIGINT and SIGTERM back, so that they do not end the child before it
/// ignores them.
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

/// The child's answer: one byte that says which of the two it is, then the
/// path or the message.
constexpr char kPath = 'p';
constexpr char kMessage = 'm';

/// The child: makes the directory, so that there is none without it, waits
/// until the other end of `life_line` is closed, and removes it. It takes no
/// part in the terminal's Ctrl-C, and holds nothing of its parent's open: not
/// trace_pipe, and not the life line of another directory, whose end its own
/// child could then never see.
[[noreturn]] void make_and_remove(int life_line, int answer) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    std::signal(signal, SIG_IGN);
  }
  // The user may have closed any of 0 to 2, and the pipes be there.
  life_line = ::fcntl(life_line, F_DUPFD, STDERR_FILENO + 1);
  answer = ::fcntl(answer, F_DUPFD, STDERR_FILENO + 1);
  ::dup2(life_line, STDIN_FILENO);
  ::dup2(answer, STDOUT_FILENO);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDERR_FILENO);
  ::closefrom(STDERR_FILENO + 1);
  const auto path = make_directory();
  const std::string text = path ? kPath + path->string() : kMessage + path.error().message;
  // If nobody reads it any more, the life line is closed too.
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  if (path) fs::remove_all(*path, ignored);
  ::_exit(0);
}

/// All that comes until the other end is closed.
std::string read_answer(int fd) {
  std::string text;
  char part[512];
  while (true) {
    const ssize_t count = ::read(fd, part, sizeof(part));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part, static_cast<std::size_t>(count));
  }
}

/// Read end, write end.
Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace

Result<PrivateDirectory> PrivateDirectory::create() {
  auto life = make_pipe();
  if (!life) return std::unexpected(life.error());
  auto answer = make_pipe();
  if (!answer) return std::unexpected(answer.error());
  pid_t remover = -1;
  {
    const SignalsBlocked signals_blocked;
    remover = ::fork();
    if (remover == 0) make_and_remove(life->first.get(), answer->second.get());
  }
  if (remover < 0) return fail(fmt::format("cannot start a process: {}", std::strerror(errno)));
  answer->second = UniqueFd();
  PrivateDirectory directory({}, std::move(life->second), remover);
  const std::string text = read_answer(answer->first.get());
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
