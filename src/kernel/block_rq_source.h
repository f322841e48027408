// Events from the program bpf_text/block_rq.c.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/event_order.h"
#include "kernel/bpf_buffer.h"
#include "kernel/event_source.h"

namespace disksnoop {

/// What the program and the buffer could not hand over.
struct BlockRqCounts {
  std::uint64_t lost_in_buffer = 0;  ///< completed, but the buffer was full
  std::uint64_t lost_in_map = 0;     ///< issued, but the hash of requests was full
  std::uint64_t not_issued = 0;     ///< completed, but issued before the start (or lost in the map)
  std::uint64_t not_completed = 0;  ///< gone from its place, but its completion was not seen
};

/// A request that was issued and has not completed.
struct InFlight {
  std::uint64_t age_ns;
  std::uint32_t bytes;
  std::uint32_t cmd_flags;
};

/// The maps of the program; the descriptors are their owner's.
struct BlockRqMaps {
  int start;
  int counts;
  int events;
};

class BlockRqSource final : public EventSource {
 public:
  static Result<std::unique_ptr<BlockRqSource>> open(const BlockRqMaps& maps, Transport transport,
                                                     std::uint64_t pages);

  int fd() const override { return buffer_->fd(); }
  Result<Drained> drain(const EventSink& sink) override;
  Result<bool> drain_rest(const EventSink& sink) override;

  Result<BlockRqCounts> counts() const;

  /// Oldest first.
  std::vector<InFlight> in_flight() const;

 private:
  BlockRqSource(const BlockRqMaps& maps, std::unique_ptr<BpfBuffer> buffer)
      : maps_(maps), buffer_(std::move(buffer)) {}

  /// False if the sink wants no more.
  bool hand_over(std::uint64_t until_ns, const EventSink& sink);

  BlockRqMaps maps_;
  std::unique_ptr<BpfBuffer> buffer_;
  EventOrder order_;
  std::uint64_t first_ns_ = 0;  ///< completion of the first row; 0 before it
};

}  // namespace disksnoop
