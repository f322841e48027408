#include "app/replay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/row_sinks.h"
#include "app/trace_loop.h"
#include "original/original_request.h"
#include "original/trace_pipe.h"
#include "original/trace_report.h"
#include "system/descriptors.h"
#include "system/signals.h"

namespace disksnoop {
namespace {

UniqueFd open_recording(const std::string& name) {
  if (name != "-") return UniqueFd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if ((::fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_WRONLY) {
    errno = EBADF;  // as read(2) would say; poll(2) would wait for ever
    return UniqueFd();
  }
  return UniqueFd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

Result<void> replay(const Options& options, const Log& log) {
  constexpr std::size_t kDescriptors = 2;  // the recording, and the signals
  if (const auto enough = require_descriptors(kDescriptors); !enough) return enough;
  UniqueFd fd = open_recording(*options.replay);
  if (!fd) return fail(fmt::format("cannot open {}: {}", *options.replay, std::strerror(errno)));
  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  Rows rows(options, columns_of_a_line());
  TracePipe source(std::move(fd), TracePipe::AtEnd::kEnds, dialect_of(options),
                   rows.original_sink());
  auto result = TraceLoop().run(source, rows.printer, *signals);
  report_losses(source.counts(), log);
  return result;
}

}  // namespace disksnoop
