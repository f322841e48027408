#include "tracepoint/event_order.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace disksnoop {

void EventOrder::begin(std::uint64_t now_ns) {
  begun_ns_ = now_ns;
  to_the_end_ = true;
  floor_ = std::numeric_limits<std::uint64_t>::max();
}

void EventOrder::begin_queue() {
  newest_before_queue_ = newest_;
  queue_newest_ = 0;
}

void EventOrder::add(const event_t& event) {
  waiting_.push_back(event);
  queue_newest_ = std::max<std::uint64_t>(queue_newest_, event.ts);
  newest_ = std::max(newest_, queue_newest_);
}

void EventOrder::end_queue(bool to_the_end) {
  // What comes into a queue that was read to its end is younger than all that
  // had been read before.
  lower_floor(to_the_end ? std::max(newest_before_queue_, queue_newest_) : queue_newest_);
  to_the_end_ = to_the_end_ && to_the_end;
}

void EventOrder::skip_queue(std::uint64_t read_to) {
  lower_floor(read_to);
  to_the_end_ = false;
}

void EventOrder::lower_floor(std::uint64_t newest) { floor_ = std::min(floor_, newest); }

void EventOrder::end(std::uint64_t now_ns) {
  if (floor_ > kBacklogSettleNs) settled_ = std::max(settled_, floor_ - kBacklogSettleNs);
  if (!to_the_end_) return;
  if (mark_ && begun_ns_ - mark_->at_ns >= kSettleNs) {
    settled_ = std::max(settled_, mark_->newest);
    mark_.reset();
  }
  if (!mark_) mark_ = Mark{now_ns, newest_};
}

std::vector<event_t> EventOrder::take_settled() { return take(settled_); }

std::vector<event_t> EventOrder::take_rest() {
  return take(to_the_end_ ? std::numeric_limits<std::uint64_t>::max() : settled_);
}

std::vector<event_t> EventOrder::take(std::uint64_t until) {
  const auto older = [](const event_t& a, const event_t& b) { return a.ts < b.ts; };
  // Nearly always sorted already.
  if (!std::is_sorted(waiting_.begin(), waiting_.end(), older)) {
    std::stable_sort(waiting_.begin(), waiting_.end(), older);
  }
  const auto end =
      std::upper_bound(waiting_.begin(), waiting_.end(), until,
                       [](std::uint64_t limit, const event_t& event) { return limit < event.ts; });
  if (end == waiting_.end()) return std::exchange(waiting_, {});
  std::vector<event_t> taken(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

}  // namespace disksnoop
