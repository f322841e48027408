// Events from the program bpf_text/block_rq.c.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "block_rq.h"
#include "system/event_source.h"
#include "system/wall_clock.h"
#include "tracepoint/bpf_buffer.h"
#include "tracepoint/entries.h"
#include "tracepoint/event_order.h"
#include "tracepoint/losses.h"
#include "tracepoint/program_config.h"
#include "tracepoint/record_decoder.h"

namespace disksnoop {

/// Maps of the program, and those of its functions that are not attached; the
/// descriptors are their owner's.
struct BlockRqParts {
  int start;
  int buckets;    ///< -1 where there are no slots
  int gathering;  ///< -1 where events do not gather
  int counts;
  int events;
  int since;
  int begin;
  int ask;
};

class BlockRqSource final : public EventSource {
 public:
  struct Setting {
    Transport transport;
    std::uint64_t pages;       ///< of a perf buffer
    bool wants_clock = false;  ///< the moment by the wall clock too
    /// How late an event may be handed over: meanwhile others gather, and the tool sleeps.
    std::chrono::milliseconds max_delay{0};
    /// So many bytes are read before the delay is over.
    std::size_t enough_bytes = 0;
  };

  /// To be opened before anything is attached. Error: also maps whose entries are
  /// not those of the program that `config` has.
  static Result<std::unique_ptr<BlockRqSource>> open(const BlockRqParts& parts,
                                                     const ProgramConfig& config,
                                                     const OperationTable& operations,
                                                     const Setting& setting, RequestSink sink);

  /// All hooks are attached: what completes from now on without an issue was in
  /// flight at this moment.
  Result<void> started();
  /// To be called before the hook of the issue goes: what completes from now on
  /// without an issue is no loss.
  Result<void> stopping();

  int fd() const override { return buffer_->fd(); }
  Result<Drained> drain() override;
  Result<bool> drain_rest() override;

  /// Without the runs that the kernel skipped, which the session knows.
  Result<Losses> losses() const;

  /// Oldest first; to be asked while completions are watched. What turns out to have completed is
  /// counted among the losses. Only what is in flight is there on kernels that can be asked (5.10
  /// and later); else all of which no completion was seen.
  Result<std::vector<InFlight>> in_flight();

  /// Forgets requests in flight whose completion was not shown, and counts
  /// them: their number grows with the days, and the hash has an end. Where the
  /// kernel cannot be asked, ten minutes without a completion are taken for one,
  /// but only once the hash is half full. drain() does it once a minute.
  Result<void> forget_completed();

 private:
  using Clock = std::chrono::steady_clock;

  BlockRqSource(const BlockRqParts& parts, const ProgramConfig& config,
                const OperationTable& operations, const Entries& entries,
                std::unique_ptr<BpfBuffer> buffer, const Setting& setting, RequestSink sink);

  Result<void> read();
  /// What to do after a reading.
  Drained next();
  /// False if the sink wants no more.
  bool hand_over(const EventRecords& events);
  /// How far the kernel's clock is ahead of ours: 0 but in a time namespace, where the
  /// program's own clock tells; nothing where it does not.
  std::optional<std::int64_t> measure_kernel_clock() const;
  /// The sum over all CPUs.
  Result<std::uint64_t> count(count_t index) const;

  BlockRqParts parts_;
  Entries entries_;
  std::unique_ptr<BpfBuffer> buffer_;
  std::chrono::milliseconds delay_;  ///< between readings while events come
  std::size_t enough_bytes_;
  Clock::time_point read_again_;  ///< not before then, unless enough has gathered
  bool gathers_ = false;          ///< what the program was told last
  RequestSink sink_;
  std::size_t cpus_ = 1;
  EventOrder order_;
  RecordDecoder decoder_;
  BpfBuffer::PathSink path_sink_;
  std::optional<Clock::time_point> rest_until_;  ///< that a record of the rest is waited for
  std::optional<WallClock> clock_;
  std::optional<std::int64_t> kernel_ahead_ns_;
  Losses before_;                  ///< what had been counted at the start
  std::optional<Losses> at_stop_;  ///< and when the end began
  std::uint64_t forgotten_ = 0;
  Clock::time_point last_forgetting_ = Clock::now();
};

}  // namespace disksnoop
