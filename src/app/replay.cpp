#include "app/replay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "app/json_rows.h"
#include "app/recording.h"
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

std::string names_of(const Columns& columns) {
  std::string names;
  for (const Column* column : columns) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", column->name);
  }
  return names;
}

constexpr int kWrongCommandLine = 2;

/// Whether rows of a recording with these columns can be filtered and shown.
Result<void> check_columns(const Options& options, const Columns& recorded) {
  Columns shown;
  if (options.columns) {
    shown = *options.columns;
  } else if (options.format->dialect) {
    shown = options.format->columns();
  }
  const std::string_view filter = not_told_by(recorded, options.filter);
  if (!filter.empty()) {
    return fail(fmt::format("the recording does not tell what {} asks for: it has the columns {}",
                            filter, names_of(recorded)),
                kWrongCommandLine);
  }
  for (const Column* column : shown) {
    if (std::ranges::find(recorded, column) != recorded.end()) continue;
    return fail(fmt::format("the recording has no column {}: --columns can show {}", column->name,
                            names_of(recorded)),
                kWrongCommandLine);
  }
  return {};
}

/// A run of --replay.
class Replay {
 public:
  explicit Replay(const Options& options) : options_(options), rows_(options, columns_of_a_line()) {
    if (options.filter != Filter()) rows_.filter_by(options.filter);
  }

  Result<void> run(UniqueFd fd, const StopSignals& signals, const Log& log);

 private:
  Result<std::unique_ptr<EventSource>> open(RecordingKind kind, UniqueFd fd, std::string_view read);
  Result<void> begin_stream(RecordingKind kind);
  Result<void> begin_rows(const Columns& recorded);

  const Options& options_;
  Rows rows_;
  const TracePipe* stream_ = nullptr;
  const JsonRows* json_rows_ = nullptr;
};

Result<std::unique_ptr<EventSource>> Replay::open(RecordingKind kind, UniqueFd fd,
                                                  std::string_view read) {
  if (kind == RecordingKind::kRows) {
    auto source = std::make_unique<JsonRows>(
        std::move(fd), read, [this](const Columns& recorded) { return begin_rows(recorded); },
        rows_.request_sink());
    json_rows_ = source.get();
    return source;
  }
  if (const auto begun = begin_stream(kind); !begun) return std::unexpected(begun.error());
  auto source = std::make_unique<TracePipe>(std::move(fd), TracePipe::AtEnd::kEnds,
                                            dialect_of(options_), rows_.original_sink(), read);
  stream_ = source.get();
  return source;
}

Result<void> Replay::begin_stream(RecordingKind kind) {
  if (kind == RecordingKind::kStream) {
    if (auto checked = check_columns(options_, columns_of_a_line()); !checked) return checked;
  }
  rows_.printer.add_header();
  return {};
}

Result<void> Replay::begin_rows(const Columns& recorded) {
  if (!recorded.empty()) {
    if (auto checked = check_columns(options_, recorded_columns(recorded)); !checked) {
      return checked;
    }
    // The time that was recorded counts from the first row already.
    constexpr TimeOrigin kAsRecorded = 0;
    const bool has_own = options_.columns || options_.format->dialect;
    rows_.writer = make_row_writer(
        *options_.format, has_own ? options_.columns : std::optional(recorded), kAsRecorded);
  }
  rows_.printer.add_header();
  return {};
}

Result<void> Replay::run(UniqueFd fd, const StopSignals& signals, const Log& log) {
  Recording recording(std::move(fd),
                      [this](RecordingKind kind, UniqueFd opened, std::string_view read) {
                        return open(kind, std::move(opened), read);
                      });
  // Whether columns that are asked for are there, the recording has to tell first.
  TraceLoop loop;
  loop.header_first = !options_.columns && options_.filter == Filter();
  auto result = loop.run(recording, rows_.printer, signals);
  if (stream_ != nullptr) report_losses(stream_->counts(), log);
  if (json_rows_ != nullptr) json_rows_->report(log);
  rows_.report(log);
  return result;
}

}  // namespace

Result<void> replay(const Options& options, const Log& log) {
  constexpr std::size_t kDescriptors = 2;  // the recording, and the signals
  if (const auto enough = require_descriptors(kDescriptors); !enough) return enough;
  UniqueFd fd = open_recording(*options.replay);
  if (!fd) return fail(fmt::format("cannot open {}: {}", *options.replay, std::strerror(errno)));
  const auto signals = StopSignals::catch_signals();
  if (!signals) return std::unexpected(signals.error());
  return Replay(options).run(std::move(fd), *signals, log);
}

}  // namespace disksnoop
