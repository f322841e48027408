#include "core/event_order.h"

#include <gtest/gtest.h>

#include <vector>

namespace disksnoop {
namespace {

RequestEvent event(std::uint64_t completed_ns, std::uint32_t bytes = 0) {
  return {.completed_ns = completed_ns, .latency_ns = 1, .bytes = bytes, .cmd_flags = 0};
}

std::vector<std::uint64_t> times(const std::vector<RequestEvent>& events) {
  std::vector<std::uint64_t> times;
  for (const RequestEvent& event : events) times.push_back(event.completed_ns);
  return times;
}

using Times = std::vector<std::uint64_t>;

TEST(EventOrder, GivesTheOldestFirst) {
  EventOrder order;
  for (const std::uint64_t time : {30U, 10U, 20U}) order.add(event(time));
  EXPECT_EQ(order.size(), 3U);
  EXPECT_EQ(times(order.take(100)), (Times{10, 20, 30}));
  EXPECT_TRUE(order.empty());
}

TEST(EventOrder, KeepsWhatIsNewerThanTheLimit) {
  EventOrder order;
  for (const std::uint64_t time : {30U, 10U, 20U}) order.add(event(time));
  EXPECT_EQ(times(order.take(20)), (Times{10, 20})) << "up to and with the limit";
  order.add(event(25));
  EXPECT_EQ(times(order.take(24)), Times{});
  EXPECT_EQ(times(order.take(30)), (Times{25, 30}));
}

TEST(EventOrder, EventsOfOneTimeStayInTheirOrder) {
  EventOrder order;
  order.add(event(20, 1));
  order.add(event(10, 2));
  order.add(event(20, 3));
  order.add(event(10, 4));
  std::vector<std::uint32_t> bytes;
  for (const RequestEvent& taken : order.take(20)) bytes.push_back(taken.bytes);
  EXPECT_EQ(bytes, (std::vector<std::uint32_t>{2, 4, 1, 3}));
}

TEST(EventOrder, NothingThereIsNothingTaken) {
  EventOrder order;
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(order.take(100).empty());
}

}  // namespace
}  // namespace disksnoop
