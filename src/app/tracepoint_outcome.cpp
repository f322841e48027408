#include "app/tracepoint_outcome.h"

#include <algorithm>
#include <optional>
#include <utility>

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
            map_if(program.room.bucket_bits.has_value(), "buckets"),
            map("counts"),
            map("since"),
            function("begin"),
            function("ask"),
            map_if(program.config.tells_disk(), "asked")};
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
  explicit RowOutcome(const Options& options) : options_(options), rows_(options) {}

  RowPrinter& printer() override { return rows_.printer; }

  Result<std::unique_ptr<TracepointSource>> open_source(const TracedProgram& program,
                                                        std::string& messages) override {
    Descriptors descriptors(program.session, messages);
    const BufferRoom& buffer = program.room.buffer;
    const BlockRqParts parts = {descriptors.accounts(program),
                                descriptors.map_if(buffer.gathers, "gathering"),
                                descriptors.map("events")};
    if (descriptors.error()) return std::unexpected(*descriptors.error());
    const Columns columns = query_of(options_).columns;
    const bool wants_clock = std::ranges::find(columns, find_column("clock")) != columns.end();
    return as_any(BlockRqSource::open(
        parts, program.config, program.operations,
        {buffer.transport, buffer.pages, wants_clock, options_.max_delay, buffer.enough},
        rows_.request_sink()));
  }

  std::string describe(const Losses& losses) override {
    return describe_losses(rows_.printer.rows(), losses);
  }
  bool wants_rest() const override { return options_.duration_s != 0.0; }

 private:
  const Options& options_;
  Rows rows_;
};

class SummaryOutcome final : public TracepointOutcome {
 public:
  SummaryOutcome(const Options& options, std::unique_ptr<SummaryPrinter> summary)
      : options_(options), summary_(std::move(summary)) {}

  RowPrinter& printer() override { return summary_->printer(); }

  Result<std::unique_ptr<TracepointSource>> open_source(const TracedProgram& program,
                                                        std::string& messages) override {
    Descriptors descriptors(program.session, messages);
    const SummaryParts parts = {
        descriptors.accounts(program),
        {descriptors.map("numbers"), descriptors.map("free_numbers"), descriptors.map("keys"),
         descriptors.map("recent"), descriptors.map("lines"), descriptors.map("readings")},
        descriptors.map_if(program.config.has_events, "events")};
    if (descriptors.error()) return std::unexpected(*descriptors.error());
    const BufferRoom& buffer = program.room.buffer;
    return as_any(SummarySource::open(
        parts, program.config, query_of(options_).summary_keys, program.operations,
        {buffer.transport, buffer.pages, readings_for(options_.summary).every},
        {[this](const SummaryReport& reading, std::uint64_t readings) {
           return summary_->add(reading, readings);
         },
         [this] { summary_->finish(); }}));
  }

  std::string describe(const Losses& losses) override {
    return describe_summary_losses(summary_->requests(), losses);
  }
  bool wants_rest() const override { return true; }
  Result<void> finish() override { return summary_->write_picture(); }

 private:
  const Options& options_;
  std::unique_ptr<SummaryPrinter> summary_;
};

}  // namespace

Result<std::unique_ptr<TracepointOutcome>> make_outcome(const Options& options) {
  if (!options.summary.asked) return std::make_unique<RowOutcome>(options);
  auto summary = SummaryPrinter::open(options);
  if (!summary) return std::unexpected(summary.error());
  return std::make_unique<SummaryOutcome>(options, std::move(*summary));
}

}  // namespace disksnoop
