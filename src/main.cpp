// argv to exit status, nothing else.
#include <fcntl.h>
#include <unistd.h>

#include "app/options.h"
#include "app/run.h"
#include "system/log.h"
#include "system/output.h"
#include "system/signals.h"

namespace {

/// A file that is opened later must not become stdin, stdout or stderr. Of one that
/// is closed nothing can be read, and to one nothing written, then as before.
void open_standard_descriptors() {
  constexpr int kFlags[] = {O_WRONLY, O_RDONLY, O_RDWR};
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", kFlags[fd]) < 0) return;
  }
}

/// Tells what went wrong; the exit status.
int status_of(const disksnoop::Result<void>& result) {
  if (result) return 0;
  disksnoop::set_status_of_end_at_once(result.error().status);
  disksnoop::Log(false).error(result.error().message);
  return result.error().status;
}

/// Prints what the command line itself asks for; the exit status.
int answer(const disksnoop::CommandLine& command_line) {
  if (command_line.status == 0) {
    return status_of(disksnoop::write_all(STDOUT_FILENO, command_line.text));
  }
  disksnoop::Log(false).error(command_line.text);
  return command_line.status;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  // Early: the first process of a container misses signals until it has handlers.
  disksnoop::end_at_once_on_signals();
  const disksnoop::CommandLine command_line = disksnoop::parse_command_line(argc, argv);
  if (!command_line.options) return answer(command_line);
  const disksnoop::Log log(command_line.options->verbose);
  return status_of(disksnoop::run(*command_line.options, log));
}
