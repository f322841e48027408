// Events in the order of their completion, whatever order they arrive in.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "block_rq.h"

namespace disksnoop {

/// A CPU takes an event's time a little before the event can be read, so
/// events of other CPUs can come in between; and where each CPU has a queue of
/// its own, one is read after the other. Events wait here until everything that
/// is older must have arrived.
///
/// Two clocks: `ts` of an event is the kernel's, and `now_ns` any clock of ours
/// that goes as fast. They are not compared, so their distance (a time
/// namespace) does not matter.
class EventOrder {
 public:
  /// That a CPU is late by more, between an event's time and the event, is rare.
  static constexpr std::uint64_t kSettleNs = 2'000'000;
  /// The same while there is more to read at once, when waiting costs nothing.
  static constexpr std::uint64_t kBacklogSettleNs = 20'000'000;

  /// A reading: begin, then for each queue begin_queue(), add() in the order of
  /// the queue, end_queue(), then end.
  void begin(std::uint64_t now_ns);
  void begin_queue();
  void add(const event_t& event);
  /// `to_the_end`: the queue had no more; else at least one event was added.
  void end_queue(bool to_the_end);
  /// A queue that is left for later, of which `read_to` was the newest event.
  void skip_queue(std::uint64_t read_to);
  void end(std::uint64_t now_ns);

  /// The newest event added since begin_queue(); 0 if there was none.
  std::uint64_t queue_newest() const { return queue_newest_; }

  bool empty() const { return waiting_.empty(); }
  bool read_to_the_end() const { return to_the_end_; }

  /// Takes out those before which nothing can come any more, oldest first.
  std::vector<event_t> take_settled();

  /// The same when nothing is produced any more: all, once all is read.
  std::vector<event_t> take_rest();

  /// The newest event of all; 0 before the first.
  std::uint64_t newest() const { return newest_; }

 private:
  /// When every queue had been read to its end, and the newest event by then.
  struct Mark {
    std::uint64_t at_ns;
    std::uint64_t newest;
  };

  /// Takes out the events up to and with `until`.
  std::vector<event_t> take(std::uint64_t until);
  void lower_floor(std::uint64_t newest);

  std::vector<event_t> waiting_;
  std::optional<Mark> mark_;
  std::uint64_t begun_ns_ = 0;
  std::uint64_t newest_ = 0;
  std::uint64_t newest_before_queue_ = 0;
  std::uint64_t queue_newest_ = 0;
  std::uint64_t floor_ = 0;    ///< of this reading: what is unread is hardly older
  std::uint64_t settled_ = 0;  ///< everything up to here has arrived
  bool to_the_end_ = true;     ///< this reading, of every queue so far
};

}  // namespace disksnoop
