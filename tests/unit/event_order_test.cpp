#include "tracepoint/event_order.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace disksnoop {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
/// Ours is far from the kernel's, which the times of the events are of.
constexpr std::uint64_t kOurs = 7'000'000 * kMs;

using Times = std::vector<std::uint64_t>;

event_t event(std::uint64_t ts, std::uint32_t bytes = 0) {
  return {.ts = ts, .delta = 1, .data_len = bytes, .cmd_flags = 0};
}

Times times(const EventRecords& events) {
  Times times;
  for (std::size_t i = 0; i < events.size(); ++i) times.push_back(events.time(i));
  return times;
}

void add(EventOrder& order, const event_t& event) { order.add(&event); }

/// A queue of a reading that takes no time.
struct Queue {
  Times events;
  bool to_the_end = true;
};

void read(EventOrder& order, std::uint64_t at_ns, const std::vector<Queue>& queues,
          std::optional<std::uint64_t> kernel_now_ns = {}) {
  order.begin(at_ns, kernel_now_ns);
  for (const Queue& queue : queues) {
    order.begin_queue();
    for (const std::uint64_t time : queue.events) add(order, event(time));
    order.end_queue(queue.to_the_end);
  }
  order.end(at_ns);
}

TEST(EventOrder, WhatWasReadIsSettledWhenTheEndIsReachedAgainLater) {
  EventOrder order;
  read(order, kOurs, {{{30, 10, 20}}});
  EXPECT_EQ(times(order.take_settled()), Times{});
  read(order, kOurs + EventOrder::kSettleNs - 1, {{{}}});
  EXPECT_EQ(times(order.take_settled()), Times{}) << "too soon";
  read(order, kOurs + EventOrder::kSettleNs, {{{15}}});
  EXPECT_EQ(times(order.take_settled()), (Times{10, 15, 20, 30})) << "with a late one";
  EXPECT_TRUE(order.empty());
}

TEST(EventOrder, WithTheKernelsTimeWhatIsOldEnoughIsSettledAtOnce) {
  EventOrder order;
  const std::uint64_t now = 10 * EventOrder::kSettleNs;
  const std::uint64_t old = now - EventOrder::kSettleNs;
  read(order, kOurs, {{{old + 1, old, old - 1}}}, now);
  EXPECT_EQ(times(order.take_settled()), (Times{old - 1, old}));
  read(order, kOurs, {{{}}}, now + 1);
  EXPECT_EQ(times(order.take_settled()), Times{old + 1});
  read(order, kOurs, {{{now - 3}, false}}, 3 * now);
  EXPECT_EQ(times(order.take_settled()), Times{}) << "there is more, which may be older";
}

TEST(EventOrder, TimeDoesNotPassWhileItIsRead) {
  EventOrder order;
  order.begin(kOurs);
  order.begin_queue();
  add(order, event(10));
  order.end_queue(true);
  order.end(kOurs + 50 * kMs);  // when the mark is made
  read(order, kOurs + 51 * kMs, {{{}}});
  EXPECT_TRUE(order.take_settled().empty());
  read(order, kOurs + 52 * kMs, {{{}}});
  EXPECT_EQ(times(order.take_settled()), Times{10});
}

TEST(EventOrder, WhatIsNewerThanTheMarkWaits) {
  EventOrder order;
  read(order, kOurs, {{{10}}});
  read(order, kOurs + 2 * kMs, {{{11, 12}}});
  EXPECT_EQ(times(order.take_settled()), Times{10});
  read(order, kOurs + 3 * kMs, {{{13}}});
  EXPECT_EQ(times(order.take_settled()), Times{});
  read(order, kOurs + 4 * kMs, {{{}}});
  EXPECT_EQ(times(order.take_settled()), (Times{11, 12}));
}

TEST(EventOrder, InABacklogTheNewestSettleTheOlder) {
  EventOrder order;
  read(order, kOurs, {{{100 * kMs, 125 * kMs, 124 * kMs, 126 * kMs}, false}});
  EXPECT_FALSE(order.read_to_the_end());
  EXPECT_EQ(times(order.take_settled()), Times{100 * kMs});
  read(order, kOurs, {{{103 * kMs, 150 * kMs}, false}});
  EXPECT_EQ(times(order.take_settled()), (Times{103 * kMs, 124 * kMs, 125 * kMs, 126 * kMs}))
      << "a late one, across the pieces";
}

TEST(EventOrder, OfSeveralQueuesTheOneThatIsBehindDecides) {
  EventOrder order;
  read(order, kOurs, {{{100 * kMs, 190 * kMs}, false}, {{101 * kMs, 140 * kMs}, false}});
  EXPECT_EQ(times(order.take_settled()), (Times{100 * kMs, 101 * kMs}));
  order.begin(kOurs);
  order.skip_queue(190 * kMs);
  order.begin_queue();
  add(order, event(130 * kMs));
  add(order, event(180 * kMs));
  order.end_queue(false);
  order.end(kOurs);
  EXPECT_EQ(times(order.take_settled()), (Times{130 * kMs, 140 * kMs}));
}

TEST(EventOrder, AQueueReadToItsEndBeforeTheOthersMayHaveMoreThatIsOlder) {
  EventOrder order;
  // The first was read when nothing was known; by the end of the second it may
  // have events of 101 ms.
  read(order, kOurs, {{{}}, {{100 * kMs, 190 * kMs}, false}});
  EXPECT_EQ(times(order.take_settled()), Times{});
  // What comes in now is younger than 190 ms, but for the settling.
  read(order, kOurs, {{{101 * kMs}}, {{195 * kMs}, false}});
  EXPECT_EQ(times(order.take_settled()), (Times{100 * kMs, 101 * kMs}));
}

TEST(EventOrder, TheRestComesInPiecesInOrder) {
  EventOrder order;
  read(order, kOurs, {{{100 * kMs, 130 * kMs}, false}});
  EXPECT_EQ(times(order.take_rest()), Times{100 * kMs});
  read(order, kOurs, {{{120 * kMs}}});
  EXPECT_EQ(times(order.take_rest()), (Times{120 * kMs, 130 * kMs})) << "at once at the end";
}

TEST(EventOrder, EventsOfOneTimeStayInTheirOrder) {
  EventOrder order;
  order.begin(kOurs);
  order.begin_queue();
  for (const auto& [ts, bytes] : {std::pair{20U, 1U}, {10U, 2U}, {20U, 3U}, {10U, 4U}}) {
    add(order, event(ts, bytes));
  }
  order.end_queue(true);
  order.end(kOurs);
  std::vector<std::uint32_t> bytes;
  const EventRecords taken = order.take_rest();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    event_t one;
    std::memcpy(&one, taken[i], sizeof(one));
    bytes.push_back(one.data_len);
  }
  EXPECT_EQ(bytes, (std::vector<std::uint32_t>{2, 4, 1, 3}));
}

TEST(EventOrder, NothingThereIsNothingTaken) {
  EventOrder order;
  read(order, kOurs, {{{}}});
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(order.take_settled().empty());
  EXPECT_TRUE(order.take_rest().empty());
}

}  // namespace
}  // namespace disksnoop
