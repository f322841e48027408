// Events from the program bpf_text/block_rq.c.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "block_rq.h"
#include "system/event_source.h"
#include "tracepoint/bpf_buffer.h"
#include "tracepoint/event_order.h"
#include "tracepoint/losses.h"

namespace disksnoop {

/// Maps of the program, and those of its functions that are not attached; the
/// descriptors are their owner's.
struct BlockRqParts {
  int start;
  int counts;
  int events;
  int begin;
  int ask;
};

class BlockRqSource final : public EventSource {
 public:
  /// To be opened before anything is attached. Error: also maps whose entries
  /// are not those of bpf_text/block_rq.h.
  static Result<std::unique_ptr<BlockRqSource>> open(const BlockRqParts& parts, Transport transport,
                                                     std::uint64_t pages);

  /// All hooks are attached: what completes from now on without an issue was in
  /// flight at this moment.
  Result<void> started();
  /// To be called before the hook of the issue goes: what completes from now on
  /// without an issue is no loss.
  Result<void> stopping();

  int fd() const override { return buffer_->fd(); }
  Result<Drained> drain(const EventSink& sink) override;
  Result<bool> drain_rest(const EventSink& sink) override;

  /// Without the runs that the kernel skipped, which the session knows.
  Result<Losses> losses() const;

  /// Oldest first; to be asked while completions are watched. What turns out to have completed is
  /// counted among the losses. Only what is in flight is there on kernels that can be asked (5.10
  /// and later); else all of which no completion was seen.
  Result<std::vector<InFlight>> in_flight();

  /// Takes requests out of the hash whose completion was not shown, and counts
  /// them: their number grows with the days, and the hash has an end. Where the
  /// kernel cannot be asked, ten minutes without a completion are taken for one,
  /// but only once the hash is half full. drain() does it once a minute.
  Result<void> forget_completed();

 private:
  BlockRqSource(const BlockRqParts& parts, std::unique_ptr<BpfBuffer> buffer, std::size_t cpus,
                std::size_t most_entries)
      : parts_(parts), buffer_(std::move(buffer)), cpus_(cpus), most_entries_(most_entries) {}

  Result<void> read();
  /// False if the sink wants no more.
  bool hand_over(const std::vector<event_t>& events, const EventSink& sink);
  /// The sum over all CPUs.
  Result<std::uint64_t> count(count_t index) const;
  /// Of the hash: address of the request -> entry. What comes and goes meanwhile may be left out.
  Result<std::map<std::uint64_t, start_t>> entries() const;

  BlockRqParts parts_;
  std::unique_ptr<BpfBuffer> buffer_;
  std::size_t cpus_;
  std::size_t most_entries_;  ///< of the hash
  EventOrder order_;
  std::uint64_t first_ns_ = 0;     ///< completion of the first row; 0 before it
  Losses before_;                  ///< what had been counted at the start
  std::optional<Losses> at_stop_;  ///< and when the end began
  std::uint64_t forgotten_ = 0;
  std::chrono::steady_clock::time_point last_forgetting_ = std::chrono::steady_clock::now();
};

}  // namespace disksnoop
