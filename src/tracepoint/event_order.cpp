#include "tracepoint/event_order.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

namespace disksnoop {
namespace {

constexpr std::size_t kEventWords = sizeof(event_t) / 8;
constexpr std::size_t kMostReserved = 64 * 1024;  // words

}  // namespace

void EventRecords::add(const void* record) {
  // Nearly all runs have no more than the event itself.
  if (words_each_ == kEventWords) {
    std::array<std::uint64_t, kEventWords> words;
    std::memcpy(words.data(), record, sizeof(words));
    for (const std::uint64_t word : words) words_.push_back(word);
    return;
  }
  const std::size_t end = words_.size();
  words_.resize(end + words_each_);
  std::memcpy(words_.data() + end, record, words_each_ * 8);
}

bool EventRecords::is_sorted() const {
  for (std::size_t i = 1; i < size(); ++i) {
    if (time(i) < time(i - 1)) return false;
  }
  return true;
}

void EventRecords::sort() {
  if (is_sorted()) return;  // nearly always
  std::vector<std::size_t> order(size());
  std::iota(order.begin(), order.end(), 0);
  const auto older = [this](std::size_t a, std::size_t b) { return time(a) < time(b); };
  std::stable_sort(order.begin(), order.end(), older);
  EventRecords sorted(record_bytes());
  sorted.words_.reserve(words_.size());
  for (const std::size_t i : order) sorted.add((*this)[i]);
  words_ = std::move(sorted.words_);
}

std::size_t EventRecords::count_until(std::uint64_t limit) const {
  std::size_t first = 0;
  std::size_t last = size();
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (time(middle) <= limit) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

EventRecords EventRecords::take(std::size_t count) {
  EventRecords taken(record_bytes());
  if (count == size()) {
    std::swap(taken.words_, words_);
    words_.reserve(std::min(taken.words_.size(), kMostReserved));  // it may be as many again
    return taken;
  }
  const auto end = words_.begin() + static_cast<std::ptrdiff_t>(count * words_each_);
  taken.words_.assign(words_.begin(), end);
  words_.erase(words_.begin(), end);
  return taken;
}

void EventOrder::begin(std::uint64_t now_ns, std::optional<std::uint64_t> kernel_now_ns) {
  begun_ns_ = now_ns;
  kernel_begun_ns_ = kernel_now_ns;
  to_the_end_ = true;
  floor_ = std::numeric_limits<std::uint64_t>::max();
}

void EventOrder::begin_queue() {
  newest_before_queue_ = newest_;
  queue_newest_ = 0;
}

void EventOrder::add(const void* record) {
  waiting_.add(record);
  queue_newest_ = std::max(queue_newest_, waiting_.time(waiting_.size() - 1));
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
  if (kernel_begun_ns_ && *kernel_begun_ns_ > kSettleNs) {
    settled_ = std::max(settled_, *kernel_begun_ns_ - kSettleNs);
  }
  if (mark_ && begun_ns_ - mark_->at_ns >= kSettleNs) {
    settled_ = std::max(settled_, mark_->newest);
    mark_.reset();
  }
  if (!mark_) mark_ = Mark{now_ns, newest_};
}

EventRecords EventOrder::take_settled() { return take(settled_); }

EventRecords EventOrder::take_rest() {
  return take(to_the_end_ ? std::numeric_limits<std::uint64_t>::max() : settled_);
}

EventRecords EventOrder::take(std::uint64_t until) {
  waiting_.sort();
  return waiting_.take(waiting_.count_until(until));
}

}  // namespace disksnoop
