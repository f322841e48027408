// argv to exit status, nothing else.
#include <fcntl.h>
#include <unistd.h>

#include "app/log.h"
#include "app/options.h"
#include "app/run.h"
#include "kernel/output.h"
#include "kernel/signals.h"

namespace {

/// A file that is opened later must not become stdin, stdout or stderr.
void open_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) return;
  }
}

/// Prints what the command line itself asks for; the exit status.
int answer(const disksnoop::CommandLine& command_line) {
  if (command_line.status != 0) {
    disksnoop::Log(false).error(command_line.text);
    return command_line.status;
  }
  disksnoop::Output output(STDOUT_FILENO);
  output.buffer() = command_line.text;
  const auto written = output.flush();
  if (!written) disksnoop::Log(false).error(written.error().message);
  return written ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  // Early: the first process of a container misses signals until it has handlers.
  disksnoop::end_quietly_on_signals();
  const disksnoop::CommandLine command_line = disksnoop::parse_command_line(argc, argv);
  if (!command_line.options) return answer(command_line);
  const disksnoop::Log log(command_line.options->verbose);
  const auto result = disksnoop::run(*command_line.options, log);
  if (!result) log.error(result.error().message);
  return result ? 0 : 1;
}
