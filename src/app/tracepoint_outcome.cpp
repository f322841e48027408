#include "app/tracepoint_outcome.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "app/metrics.h"
#include "app/row_sinks.h"
#include "app/summary_printer.h"
#include "tracepoint/block_rq_source.h"
#include "tracepoint/summary_source.h"

namespace disksnoop {
namespace {

/// Descriptors of a program; keeps the first error.
class Descriptors {
 public:
  explicit Descriptors(BccSession& session, std::string& messages)
      : session_(session), messages_(messages) {}

  int map(const std::string& name) { return take(session_.map_fd(name)); }
  int map_if(bool is_there, const std::string& name) { return is_there ? map(name) : -1; }
  int function(const std::string& name) { return take(session_.load(name, messages_)); }

  AccountParts accounts(const TracedProgram& program) {
    return {map("start"),
            map_if(program.room.in_flight.slot_claim != SlotClaim::kNone, "buckets"),
            map("counts"),
            map("since"),
            function("begin"),
            function("ask"),
            map_if(program.config.tells_disk(), "asked"),
            program.room.in_flight.slot_claim == SlotClaim::kKeep,
            program.config.bios ? function("ask_bio") : -1};
  }

  LineMaps lines() {
    return {map("numbers"), map("free_numbers"), map("keys"),
            map("recent"),  map("lines"),        map("readings")};
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  int take(const Result<int>& fd) {
    if (fd) return *fd;
    if (!error_) error_ = fd.error();
    return -1;
  }

  BccSession& session_;
  std::string& messages_;
  std::optional<Error> error_;
};

template <class Source>
Result<std::unique_ptr<TracepointSource>> as_any(Result<std::unique_ptr<Source>> source) {
  if (!source) return std::unexpected(source.error());
  return std::move(*source);
}

class RowOutcome final : public TracepointOutcome {
 public:
  RowOutcome(const Options& options, std::unique_ptr<Metrics> metrics)
      : options_(options), rows_(options), metrics_(std::move(metrics)) {}

  RowPrinter& printer() override { return rows_.printer; }

  Result<std::unique_ptr<TracepointSource>> open_source(const TracedProgram& program,
                                                        std::string& messages) override {
    Descriptors descriptors(program.session, messages);
    const BufferRoom& buffer = program.room.buffer;
    const BlockRqParts parts = {descriptors.accounts(program),
                                descriptors.map_if(buffer.gathers, "gathering"),
                                descriptors.map("events")};
    BpfBuffer::PathSink path_sink;
    if (metrics_) {
      const LineMaps maps = descriptors.lines();
      if (descriptors.error()) return std::unexpected(*descriptors.error());
      auto lines = LineReader::open(maps, program.config, query_of(options_).summary_keys,
                                    program.operations, nullptr);
      if (!lines) return std::unexpected(lines.error());
      metrics_->read(std::move(*lines));
      path_sink = [this](std::span<const std::byte> record) { metrics_->add_path(record); };
    }
    if (descriptors.error()) return std::unexpected(*descriptors.error());
    const Columns columns = query_of(options_).columns;
    const bool wants_clock = std::ranges::find(columns, find_column("clock")) != columns.end();
    return as_any(BlockRqSource::open(parts, program.config, program.operations,
                                      {buffer.transport, buffer.pages, wants_clock,
                                       options_.max_delay, buffer.enough, std::move(path_sink)},
                                      rows_.request_sink()));
  }

  std::vector<int> renewed_directories() const override {
    return metrics_ ? metrics_->renewed_directories() : std::vector<int>();
  }
  Result<void> start() override { return metrics_ ? metrics_->start() : Result<void>(); }
  std::string describe(const Losses& losses) override {
    return describe_losses(rows_.printer.rows(), losses);
  }
  bool wants_rest() const override { return options_.duration_s != 0.0; }
  bool has_seconds() const override { return metrics_ != nullptr; }
  void every_second(TracepointSource& source) override {
    if (metrics_) metrics_->every_second(source);
  }
  Result<void> finish(TracepointSource& source) override {
    return metrics_ ? metrics_->finish(source) : Result<void>();
  }

 private:
  const Options& options_;
  Rows rows_;
  std::unique_ptr<Metrics> metrics_;
};

/// A summary, or metrics, or both: nothing but lines comes from the kernel.
class SummaryOutcome final : public TracepointOutcome {
 public:
  SummaryOutcome(const Options& options, std::unique_ptr<SummaryPrinter> summary,
                 std::unique_ptr<Metrics> metrics)
      : options_(options), summary_(std::move(summary)), metrics_(std::move(metrics)) {}

  RowPrinter& printer() override { return summary_ ? summary_->printer() : nothing_; }

  Result<std::unique_ptr<TracepointSource>> open_source(const TracedProgram& program,
                                                        std::string& messages) override {
    Descriptors descriptors(program.session, messages);
    const SummaryParts parts = {descriptors.accounts(program), descriptors.lines(),
                                descriptors.map_if(program.config.has_events, "events")};
    if (descriptors.error()) return std::unexpected(*descriptors.error());
    const BufferRoom& buffer = program.room.buffer;
    return as_any(SummarySource::open(
        parts, program.config, query_of(options_).summary_keys, program.operations,
        {buffer.transport, buffer.pages, readings_for(options_.summary).every},
        {[this](const SummaryReport& reading, std::uint64_t readings) {
           return take(reading, readings);
         },
         [this] {
           if (summary_) summary_->finish();
         }}));
  }

  std::vector<int> renewed_directories() const override {
    std::vector<int> all;
    if (metrics_) all = metrics_->renewed_directories();
    if (summary_ && summary_->picture()) all.push_back(summary_->picture()->directory());
    return all;
  }
  Result<void> start() override { return metrics_ ? metrics_->start() : Result<void>(); }
  std::string describe(const Losses& losses) override {
    return describe_summary_losses(requests_, losses);
  }
  bool wants_rest() const override { return true; }
  bool has_seconds() const override { return metrics_ != nullptr; }
  void every_second(TracepointSource& source) override {
    if (metrics_) metrics_->every_second(source);
  }
  Result<void> finish(TracepointSource& source) override {
    if (summary_) {
      if (auto written = summary_->write_picture(); !written) return written;
    }
    return metrics_ ? metrics_->finish(source) : Result<void>();
  }

 private:
  bool take(const SummaryReport& reading, std::uint64_t readings) {
    requests_ += requests_of(reading.summary);
    if (metrics_) metrics_->take(reading.summary);
    if (!summary_) return true;
    const Columns keys = options_.summary.keys.value_or(usual_summary_keys());
    const Columns all = query_of(options_).summary_keys;
    if (keys == all) return summary_->add(reading, readings);
    SummaryReport report = reading;
    report.summary = projected(reading.summary, all, keys);
    return summary_->add(report, readings);
  }

  const Options& options_;
  std::unique_ptr<SummaryPrinter> summary_;  ///< null: only metrics
  std::unique_ptr<Metrics> metrics_;         ///< null: none
  RowPrinter nothing_{Output(-1), "", std::nullopt};
  std::uint64_t requests_ = 0;
};

}  // namespace

Result<std::unique_ptr<TracepointOutcome>> make_outcome(const Options& options, const Log& log) {
  std::unique_ptr<Metrics> metrics;
  if (options.metrics.asked()) {
    auto opened = Metrics::open(options, log);
    if (!opened) return std::unexpected(opened.error());
    metrics = std::move(*opened);
  }
  if (options.rows) return std::make_unique<RowOutcome>(options, std::move(metrics));
  std::unique_ptr<SummaryPrinter> summary;
  if (options.summary.asked) {
    auto opened = SummaryPrinter::open(options);
    if (!opened) return std::unexpected(opened.error());
    summary = std::move(*opened);
  }
  return std::make_unique<SummaryOutcome>(options, std::move(summary), std::move(metrics));
}

}  // namespace disksnoop
