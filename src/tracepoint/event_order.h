// Events in the order of their completion, whatever order they arrive in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "block_rq.h"

namespace disksnoop {

/// Events of one size, one after the other, in words: each begins with an event_t,
/// whose time is the first word.
class EventRecords {
 public:
  static_assert(offsetof(event_t, ts) == 0 && sizeof(event_t) % 8 == 0);

  explicit EventRecords(std::size_t record_bytes) : words_each_(record_bytes / 8) {}

  std::size_t size() const { return words_.size() / words_each_; }
  bool empty() const { return words_.empty(); }
  std::uint64_t time(std::size_t i) const { return words_[i * words_each_]; }
  const std::byte* operator[](std::size_t i) const {
    return reinterpret_cast<const std::byte*>(words_.data() + i * words_each_);
  }
  std::size_t record_bytes() const { return words_each_ * 8; }

  void add(const void* record);
  /// By their time; those of one time stay in their order.
  void sort();
  /// How many there are up to and with this time; they are sorted.
  std::size_t count_until(std::uint64_t limit) const;
  /// Takes out the first `count`.
  EventRecords take(std::size_t count);

 private:
  bool is_sorted() const;

  std::size_t words_each_;
  std::vector<std::uint64_t> words_;
};

/// A CPU takes an event's time a little before the event can be read, so
/// events of other CPUs can come in between; and where each CPU has a queue of
/// its own, one is read after the other. Events wait here until everything that
/// is older must have arrived.
///
/// Two clocks: `ts` of an event is the kernel's, and `now_ns` any clock of ours
/// that goes as fast. Where their distance is not known (a time namespace) they are
/// not compared; where it is (`kernel_now_ns`), what was read settles sooner.
class EventOrder {
 public:
  /// That a CPU is late by more, between an event's time and the event, is rare.
  static constexpr std::uint64_t kSettleNs = 2'000'000;
  /// The same while there is more to read at once, when waiting costs nothing.
  static constexpr std::uint64_t kBacklogSettleNs = 20'000'000;

  /// `record_bytes`: of each event, an event_t and what parts of the program add.
  explicit EventOrder(std::size_t record_bytes = sizeof(event_t)) : waiting_(record_bytes) {}

  std::size_t record_bytes() const { return waiting_.record_bytes(); }

  /// A reading: begin, then for each queue begin_queue(), add() in the order of
  /// the queue, end_queue(), then end.
  /// `kernel_now_ns`: by the clock of the events, where that is known. Then a reading to
  /// the end settles at once what is older than kSettleNs; else the next one does.
  void begin(std::uint64_t now_ns, std::optional<std::uint64_t> kernel_now_ns = {});
  void begin_queue();
  void add(const void* record);
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
  EventRecords take_settled();

  /// The same when nothing is produced any more: all, once all is read.
  EventRecords take_rest();

  /// The newest event of all; 0 before the first.
  std::uint64_t newest() const { return newest_; }

 private:
  /// When every queue had been read to its end, and the newest event by then.
  struct Mark {
    std::uint64_t at_ns;
    std::uint64_t newest;
  };

  /// Takes out the events up to and with `until`.
  EventRecords take(std::uint64_t until);
  void lower_floor(std::uint64_t newest);

  EventRecords waiting_;
  std::optional<Mark> mark_;
  std::uint64_t begun_ns_ = 0;
  std::optional<std::uint64_t> kernel_begun_ns_;
  std::uint64_t newest_ = 0;
  std::uint64_t newest_before_queue_ = 0;
  std::uint64_t queue_newest_ = 0;
  std::uint64_t floor_ = 0;    ///< of this reading: what is unread is hardly older
  std::uint64_t settled_ = 0;  ///< everything up to here has arrived
  bool to_the_end_ = true;     ///< this reading, of every queue so far
};

}  // namespace disksnoop
