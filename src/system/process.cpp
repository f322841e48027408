#include "system/process.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/quantity.h"

namespace disksnoop {
namespace {

namespace fs = std::filesystem;

/// The names in a directory of /proc that are numbers.
std::vector<fs::path> numbers_in(const fs::path& directory) {
  std::vector<fs::path> numbers;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (parse_count(entry.path().filename().string())) numbers.push_back(entry.path());
  }
  return numbers;
}

/// "1234" of the line "Tgid:\t1234".
std::string_view process_in(std::string_view status) {
  constexpr std::string_view kName = "\nTgid:\t";
  const std::size_t at = status.find(kName);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = status.substr(at + kName.size());
  return rest.substr(0, rest.find('\n'));
}

}  // namespace

Result<void> check_process(const Root& root, std::uint32_t pid) {
  const auto status = read_file(root.at("/proc") / std::to_string(pid) / "status");
  if (!status) return fail(fmt::format("no process {}", pid));
  const std::string_view process = process_in(*status);
  if (process.empty() || process == std::to_string(pid)) return {};
  return fail(fmt::format("{} is a thread of process {}: use -p {}", pid, process, process));
}

Result<void> check_own_proc() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self", error);
  if (!error && self == std::to_string(::getpid())) return {};
  return fail("--pid needs the /proc of its own pid namespace: another one is mounted");
}

bool is_any_called(const Root& root, const std::string& comm) {
  for (const fs::path& process : numbers_in(root.at("/proc"))) {
    for (const fs::path& thread : numbers_in(process / "task")) {
      const auto name = read_file(thread / "comm");
      if (!name) continue;
      // The kernel shows there also what a worker is at (proc_task_name() in fs/proc/array.c).
      const bool is_worker = name->starts_with("kworker/") &&
                             (name->starts_with(comm + "-") || name->starts_with(comm + "+"));
      if (is_worker || *name == comm + "\n") return true;
    }
  }
  return false;
}

std::optional<PidNamespace> own_pid_namespace(const Root& root) {
  constexpr std::uint64_t kFirst = 0xEFFFFFFC;
  struct stat file = {};
  if (::stat(root.at("/proc/self/ns/pid").c_str(), &file) != 0 || file.st_ino == kFirst) {
    return std::nullopt;
  }
  return PidNamespace{file.st_dev, file.st_ino};
}

}  // namespace disksnoop
