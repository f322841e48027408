// argv to exit status, nothing else.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/log.h"
#include "app/options.h"
#include "app/run.h"
#include "kernel/signals.h"

namespace {

/// A file that is opened later must not become stdin, stdout or stderr.
void open_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  const disksnoop::CommandLine command_line = disksnoop::parse_command_line(argc, argv);
  if (!command_line.options) {
    fmt::print(command_line.status == 0 ? stdout : stderr, "{}", command_line.text);
    return command_line.status;
  }
  disksnoop::end_quietly_on_signals();
  const disksnoop::Log log(command_line.options->verbose);
  const auto result = disksnoop::run(*command_line.options, log);
  if (!result) log.error(result.error().message);
  return result ? 0 : 1;
}
