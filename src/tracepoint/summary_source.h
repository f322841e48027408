// Summaries from the program block_rq, which counts in the kernel (bpf_text/summary.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "request/summary.h"
#include "system/unique_fd.h"
#include "tracepoint/line_reader.h"
#include "tracepoint/program_config.h"
#include "tracepoint/tracepoint_source.h"

namespace disksnoop {

/// Of the program; the descriptors are their owner's.
struct SummaryParts {
  AccountParts accounts;
  LineMaps lines;
  int events;  ///< -1 where no names are sent
};

struct SummarySink {
  /// Takes what completed since the last time, and for how many readings that is: more than one
  /// if the tool was held up. False means that no more is wanted.
  std::function<bool(const SummaryReport& report, std::uint64_t readings)> take;
  /// That was all.
  std::function<void()> end;
};

class SummarySource final : public TracepointSource {
 public:
  struct Setting {
    Transport transport;
    std::uint64_t pages;  ///< of a perf buffer
    std::chrono::nanoseconds reading_every;
  };

  /// To be opened before anything is attached. Error: also maps that are not those of the
  /// program that `config` has.
  static Result<std::unique_ptr<SummarySource>> open(const SummaryParts& parts,
                                                     const ProgramConfig& config,
                                                     const Columns& keys,
                                                     const OperationTable& operations,
                                                     const Setting& setting, SummarySink sink);

  Result<void> started() override;
  /// A timer.
  int fd() const override { return timer_.get(); }
  Result<Drained> drain() override;
  Result<bool> drain_rest() override;

 private:
  using Clock = LineReader::Clock;

  SummarySource(Accounts accounts, LineReader lines, const Setting& setting, SummarySink sink)
      : TracepointSource(std::move(accounts)),
        lines_(std::move(lines)),
        reading_every_(setting.reading_every),
        sink_(std::move(sink)) {}

  /// How many readings are due.
  Result<std::uint64_t> readings_due() const;
  Result<bool> hand_over(const Result<SummaryReport>& report);

  UniqueFd timer_;
  LineReader lines_;
  std::chrono::nanoseconds reading_every_;
  SummarySink sink_;
  std::optional<std::int64_t> kernel_ahead_ns_;
  std::optional<Clock::time_point> switched_;  ///< since then nobody begins in the set
  std::uint64_t due_ = 1;                      ///< readings, of what is taken out next
  std::size_t switched_set_ = 0;               ///< that is taken out next
};

}  // namespace disksnoop
