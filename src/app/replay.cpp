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
#include "app/replay_progress.h"
#include "app/row_sinks.h"
#include "app/summary_printer.h"
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

bool has(const Columns& columns, std::string_view name) {
  return std::ranges::find(columns, find_column(name)) != columns.end();
}

/// Whether rows with these columns tell the values that a line of a summary stands for.
bool tell_key(const Columns& recorded, const Column* key) {
  return has(recorded, key->name) || (key->name == "op" && has(recorded, "type"));
}

/// What a line of a summary of a recording stands for: as far as nothing was asked for, of
/// the usual what its rows tell.
Columns summary_keys(const Options& options, const Columns& recorded) {
  if (options.summary.keys) return *options.summary.keys;
  Columns keys;
  for (const Column* key : usual_summary_keys()) {
    if (tell_key(recorded, key)) keys.push_back(key);
  }
  return keys;
}

/// The first column that is asked for and that rows of a recording do not have.
const Column* missing_column(const Options& options, const Columns& recorded) {
  if (options.summary.asked) {
    for (const Column* key : summary_keys(options, recorded)) {
      if (!tell_key(recorded, key)) return key;
    }
    const bool needs_time = options.summary.interval_s || options.summary.heat_map;
    if (needs_time && !has(recorded, "time")) return find_column("time");
    return has(recorded, "latency") ? nullptr : find_column("latency");
  }
  Columns shown;
  if (options.columns) {
    shown = *options.columns;
  } else if (options.format->dialect) {
    shown = options.format->columns();
  }
  for (const Column* column : shown) {
    if (std::ranges::find(recorded, column) == recorded.end()) return column;
  }
  return nullptr;
}

/// Whether rows of a recording with these columns can be filtered, and shown or counted.
Result<void> check_columns(const Options& options, const Columns& recorded) {
  const std::string_view filter = not_told_by(recorded, options.filter);
  if (!filter.empty()) {
    return fail(fmt::format("the recording does not tell what {} asks for: it has the columns {}",
                            filter, names_of(recorded)),
                kWrongCommandLine);
  }
  const Column* const missing = missing_column(options, recorded);
  if (missing == nullptr) return {};
  return fail(
      fmt::format("the recording has no column {}: {} {}", missing->name,
                  options.summary.asked ? "it has" : "--columns can show", names_of(recorded)),
      kWrongCommandLine);
}

/// A run of --replay: what becomes of the requests of a recording.
class Replay {
 public:
  virtual ~Replay() = default;
  Result<void> run(UniqueFd fd, const StopSignals& signals, const Log& log);

 protected:
  explicit Replay(const Options& options) : options_(options) {}
  const Options& options() const { return options_; }

  virtual RowPrinter& printer() = 0;
  virtual RequestFilter& filter() = 0;
  virtual RequestSink request_sink() = 0;
  virtual OriginalRowSink original_sink() = 0;
  /// Before the first request, of which these columns are known; none of a recording that
  /// has no requests.
  virtual void begin(RecordingKind kind, const Columns& recorded) = 0;
  /// So far.
  virtual std::uint64_t rows_read() = 0;
  /// After the last one.
  virtual void finish() {}

 private:
  Result<std::unique_ptr<EventSource>> open(RecordingKind kind, UniqueFd fd, std::string_view read);
  Result<void> check_and_begin(RecordingKind kind, const Columns& recorded);

  const Options& options_;
  const TracePipe* stream_ = nullptr;
  const JsonRows* json_rows_ = nullptr;
};

Result<std::unique_ptr<EventSource>> Replay::open(RecordingKind kind, UniqueFd fd,
                                                  std::string_view read) {
  if (kind == RecordingKind::kRows) {
    auto source = std::make_unique<JsonRows>(
        std::move(fd), read,
        [this](const Columns& recorded) { return check_and_begin(RecordingKind::kRows, recorded); },
        request_sink());
    json_rows_ = source.get();
    return source;
  }
  const Columns recorded = kind == RecordingKind::kStream ? columns_of_a_line() : Columns();
  if (const auto begun = check_and_begin(kind, recorded); !begun) {
    return std::unexpected(begun.error());
  }
  auto source = std::make_unique<TracePipe>(std::move(fd), TracePipe::AtEnd::kEnds,
                                            dialect_of(options_), original_sink(), read);
  stream_ = source.get();
  return source;
}

Result<void> Replay::check_and_begin(RecordingKind kind, const Columns& recorded) {
  if (!recorded.empty()) {
    if (auto checked = check_columns(options_, recorded_columns(recorded)); !checked) {
      return checked;
    }
  }
  begin(kind, recorded);
  return {};
}

Result<void> Replay::run(UniqueFd fd, const StopSignals& signals, const Log& log) {
  if (options_.filter != Filter()) filter().filter_by(options_.filter);
  std::optional<ReplayProgress> progress(std::in_place, options_, fd.get());
  Recording recording(std::move(fd),
                      [this](RecordingKind kind, UniqueFd opened, std::string_view read) {
                        return open(kind, std::move(opened), read);
                      });
  TraceLoop loop;
  // Whether columns that are asked for are there, the recording has to tell first.
  loop.header_first = !options_.columns && options_.filter == Filter();
  loop.every_second = [&] {
    if (progress) progress->show(rows_read());
  };
  loop.stop_events = [&] {
    progress.reset();  // before what finish() prints, which may be on the same terminal
    finish();
  };
  auto result = loop.run(recording, printer(), signals);
  if (stream_ != nullptr) report_losses(stream_->counts(), log);
  if (json_rows_ != nullptr) json_rows_->report(log);
  filter().report(log);
  return result;
}

class RowReplay final : public Replay {
 public:
  explicit RowReplay(const Options& options)
      : Replay(options), rows_(options, columns_of_a_line()) {}

 private:
  RowPrinter& printer() override { return rows_.printer; }
  RequestFilter& filter() override { return rows_.filter; }
  RequestSink request_sink() override { return rows_.request_sink(); }
  OriginalRowSink original_sink() override { return rows_.original_sink(); }

  void begin(RecordingKind kind, const Columns& recorded) override {
    if (kind == RecordingKind::kRows && !recorded.empty()) {
      // The time that was recorded counts from the first row already.
      constexpr TimeOrigin kAsRecorded = 0;
      const bool has_own = options().columns || options().format->dialect;
      rows_.writer = make_row_writer(
          *options().format, has_own ? options().columns : std::optional(recorded), kAsRecorded);
    }
    rows_.printer.add_header();
  }
  std::uint64_t rows_read() override {
    return rows_.printer.rows() + rows_.printer.unwritten_rows();
  }

  Rows rows_;
};

class SummaryReplay final : public Replay {
 public:
  SummaryReplay(const Options& options, SummaryPrinter& summary)
      : Replay(options), summary_(summary) {}

  /// Else nothing was read, or not what is asked for.
  bool has_begun() const { return has_begun_; }

 private:
  RowPrinter& printer() override { return summary_.printer(); }
  RequestFilter& filter() override { return summary_.filter; }
  RequestSink request_sink() override {
    return [this](const Request& request) {
      ++rows_read_;
      return summary_.add(request);
    };
  }
  OriginalRowSink original_sink() override {
    return [this](const OriginalRow& row) {
      ++rows_read_;
      return summary_.add(request_of(row));
    };
  }
  void begin(RecordingKind /*kind*/, const Columns& recorded) override {
    summary_.begin(
        recorded.empty() ? query_of(options()).summary_keys : summary_keys(options(), recorded),
        has(recorded, "error"));
    has_begun_ = true;
  }
  std::uint64_t rows_read() override { return rows_read_; }
  void finish() override {
    if (has_begun_) summary_.finish();
  }

  SummaryPrinter& summary_;
  std::uint64_t rows_read_ = 0;
  bool has_begun_ = false;
};

Result<void> replay_as_summary(const Options& options, UniqueFd fd, const StopSignals& signals,
                               const Log& log) {
  const auto summary = SummaryPrinter::open(options, fd.get());
  if (!summary) return std::unexpected(summary.error());
  SummaryReplay replay(options, **summary);
  auto result = replay.run(std::move(fd), signals, log);
  if (!result && !replay.has_begun()) return result;
  auto written = (*summary)->write_picture();
  if (result) return written;
  if (!written) log.warning(written.error().message);
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
  if (options.summary.asked) return replay_as_summary(options, std::move(fd), *signals, log);
  return RowReplay(options).run(std::move(fd), *signals, log);
}

}  // namespace disksnoop
