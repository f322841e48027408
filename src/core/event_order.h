// Events in the order of their completion, whatever order they arrive in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace disksnoop {

/// struct event_t of bpf_text/block_rq.c.
struct RequestEvent {
  std::uint64_t completed_ns;  ///< bpf_ktime_get_ns(), CLOCK_MONOTONIC
  std::uint64_t latency_ns;
  std::uint32_t bytes;  ///< of the whole request, at its issue
  std::uint32_t cmd_flags;
};

/// A CPU takes an event's time a little before the event can be read, so
/// events of other CPUs can come in between. Events wait here until everything
/// that is older must have arrived.
class EventOrder {
 public:
  void add(const RequestEvent& event) { waiting_.push_back(event); }
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }

  /// Takes out the events up to and with `until_ns`, oldest first.
  std::vector<RequestEvent> take(std::uint64_t until_ns);

 private:
  std::vector<RequestEvent> waiting_;
};

}  // namespace disksnoop
