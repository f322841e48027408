#include "core/event_order.h"

#include <algorithm>
#include <utility>

namespace disksnoop {

std::vector<RequestEvent> EventOrder::take(std::uint64_t until_ns) {
  const auto older = [](const RequestEvent& a, const RequestEvent& b) {
    return a.completed_ns < b.completed_ns;
  };
  // Nearly always sorted already.
  if (!std::is_sorted(waiting_.begin(), waiting_.end(), older)) {
    std::stable_sort(waiting_.begin(), waiting_.end(), older);
  }
  const auto end = std::upper_bound(
      waiting_.begin(), waiting_.end(), until_ns,
      [](std::uint64_t until, const RequestEvent& event) { return until < event.completed_ns; });
  if (end == waiting_.end()) return std::exchange(waiting_, {});
  std::vector<RequestEvent> taken(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

}  // namespace disksnoop
