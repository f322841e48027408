// Events from the program bpf_text/block_rq.c.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "tracepoint/bpf_buffer.h"
#include "tracepoint/event_order.h"
#include "tracepoint/followed_clock.h"
#include "tracepoint/program_config.h"
#include "tracepoint/record_decoder.h"
#include "tracepoint/tracepoint_source.h"

namespace disksnoop {

/// Of the program; the descriptors are their owner's.
struct BlockRqParts {
  AccountParts accounts;
  int gathering;  ///< -1 where events do not gather
  int events;
};

class BlockRqSource final : public TracepointSource {
 public:
  struct Setting {
    Transport transport;
    std::uint64_t pages;       ///< of a perf buffer
    bool wants_clock = false;  ///< the moment by the wall clock too
    /// How late an event may be handed over: meanwhile others gather, and the tool sleeps.
    std::chrono::milliseconds max_delay{0};
    /// So many bytes are read before the delay is over.
    std::size_t enough_bytes = 0;
    BpfBuffer::PathSink path_sink = {};  ///< takes the names too, if there is one
  };

  /// To be opened before anything is attached. Error: also maps whose entries are
  /// not those of the program that `config` has.
  static Result<std::unique_ptr<BlockRqSource>> open(const BlockRqParts& parts,
                                                     const ProgramConfig& config,
                                                     const OperationTable& operations,
                                                     const Setting& setting, RequestSink sink);

  Result<void> started() override;

  int fd() const override { return clock_ ? clock_->fd() : buffer_->fd(); }
  Result<Drained> drain() override;
  Result<bool> drain_rest() override;

  /// As Accounts does it, by the newest event; drain() does it once a minute.
  Result<void> forget_completed() { return accounts().forget_completed(order_.newest()); }

 private:
  using Clock = std::chrono::steady_clock;

  BlockRqSource(Accounts accounts, const ProgramConfig& config, const OperationTable& operations,
                std::unique_ptr<BpfBuffer> buffer, const Setting& setting, RequestSink sink);

  Result<void> read();
  /// What to do after a reading.
  Drained next();
  /// False if the sink wants no more.
  bool hand_over(const EventRecords& events);

  std::unique_ptr<BpfBuffer> buffer_;
  std::chrono::milliseconds delay_;  ///< between readings while events come
  std::size_t enough_bytes_;
  Clock::time_point read_again_;  ///< not before then, unless enough has gathered
  bool gathers_ = false;          ///< what the program was told last
  RequestSink sink_;
  EventOrder order_;
  RecordDecoder decoder_;
  BpfBuffer::PathSink path_sink_;
  std::optional<Clock::time_point> rest_until_;  ///< that a record of the rest is waited for
  std::optional<FollowedClock> clock_;
  std::optional<std::int64_t> kernel_ahead_ns_;
};

}  // namespace disksnoop
