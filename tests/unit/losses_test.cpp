#include "tracepoint/losses.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(Losses, RowsAndTheBufferAreAlwaysTold) {
  EXPECT_EQ(describe_losses(7, {}), "7 rows, 0 lost in the buffer");
}

TEST(Losses, EachCauseIsToldByItsName) {
  EXPECT_EQ(describe_losses(9, {.in_buffer = 1}), "9 rows, 1 lost in the buffer");
  EXPECT_EQ(describe_losses(9, {.in_map = 2}), "9 rows, 0 lost in the buffer, 2 lost in the map");
  EXPECT_EQ(describe_losses(9, {.before_start = 3}),
            "9 rows, 0 lost in the buffer, 3 issued before the start");
  EXPECT_EQ(describe_losses(9, {.issue_unknown = 8}),
            "9 rows, 0 lost in the buffer, 8 that may have been issued before the start");
  EXPECT_EQ(describe_losses(9, {.issue_not_shown = 4}),
            "9 rows, 0 lost in the buffer, 4 whose issue the kernel did not show");
  EXPECT_EQ(describe_losses(9, {.failed_unissued = 5}),
            "9 rows, 0 lost in the buffer, 5 that failed before the driver got them");
  EXPECT_EQ(describe_losses(9, {.completion_not_shown = 6}),
            "9 rows, 0 lost in the buffer, 6 whose completion the kernel did not show");
  EXPECT_EQ(describe_losses(9, {.skipped_runs = 7}),
            "9 rows, 0 lost in the buffer; 7 times the kernel skipped a hook");
}

TEST(Losses, NamesAreNoRows) {
  EXPECT_EQ(describe_losses(9, {.names = 2}),
            "9 rows, 0 lost in the buffer; 2 names lost in the buffer");
}

TEST(Losses, WhatFoundNoSlotIsNoLoss) {
  EXPECT_EQ(describe_losses(9, {.without_slot = 3}),
            "9 rows, 0 lost in the buffer; 3 requests found no slot and were kept in the hash");
}

TEST(Losses, AllCausesInOneLine) {
  EXPECT_EQ(describe_losses(0, {.in_buffer = 1,
                                .in_map = 2,
                                .before_start = 3,
                                .issue_unknown = 8,
                                .issue_not_shown = 4,
                                .failed_unissued = 5,
                                .completion_not_shown = 6,
                                .skipped_runs = 7}),
            "0 rows, 1 lost in the buffer, 2 lost in the map, 3 issued before the start, "
            "8 that may have been issued before the start, 5 that failed before the driver got "
            "them, 4 whose issue the kernel did not show, 6 whose completion the kernel did not "
            "show; 7 times the kernel skipped a hook");
}

TEST(Losses, OfASummaryTheCausesAreTheSame) {
  EXPECT_EQ(describe_summary_losses(0, {}), "0 requests");
  EXPECT_EQ(describe_summary_losses(9, {.in_map = 2, .before_start = 3}),
            "9 requests, 2 lost in the map, 3 issued before the start");
  EXPECT_EQ(
      describe_summary_losses(9, {.names = 1, .filtered = 4, .skipped_runs = 7}),
      "9 requests; 1 names lost in the buffer; 4 filtered; 7 times the kernel skipped a hook");
}

TEST(Losses, WhatHasNoLineOfItsOwnIsNoLoss) {
  EXPECT_EQ(describe_summary_losses(9, {.without_line = 5}),
            "9 requests; 5 counted as other, with no room for a line");
  EXPECT_EQ(describe_summary_losses(9, losses_after_stop({.without_line = 5}, {.without_line = 6})),
            "9 requests; 6 counted as other, with no room for a line");
}

TEST(Losses, AfterTheStopNoMoreAreWithoutAnIssue) {
  const Losses at_stop{.in_buffer = 1,
                       .in_map = 2,
                       .before_start = 3,
                       .issue_not_shown = 4,
                       .failed_unissued = 5,
                       .completion_not_shown = 6};
  const Losses now{.in_buffer = 11,
                   .in_map = 12,
                   .before_start = 13,
                   .issue_not_shown = 14,
                   .failed_unissued = 15,
                   .completion_not_shown = 16};
  EXPECT_EQ(describe_losses(0, losses_after_stop(at_stop, now)),
            "0 rows, 11 lost in the buffer, 12 lost in the map, 3 issued before the start, "
            "5 that failed before the driver got them, 4 whose issue the kernel did not show, "
            "16 whose completion the kernel did not show");
}

TEST(Hanging, OlderThanASecond) {
  const auto lines = describe_hanging({
      {.age_ns = 12'340'000'000, .bytes = 4096, .cmd_flags = 1, .confirmed = true},
      {.age_ns = 2 * kSecond, .bytes = 512, .cmd_flags = 0x80700, .confirmed = true},
      {.age_ns = kSecond + 1, .bytes = 0, .cmd_flags = 2, .confirmed = true},
      {.age_ns = kSecond, .bytes = 8192, .cmd_flags = 0, .confirmed = true},
  });
  EXPECT_EQ(lines, (std::vector<std::string>{"not completed: W of 4096 bytes, issued 12.3 s ago",
                                             "not completed: R of 512 bytes, issued 2.0 s ago",
                                             "not completed: M of 0 bytes, issued 1.0 s ago"}));
  EXPECT_TRUE(describe_hanging({}).empty());
}

TEST(Hanging, WhatTheKernelCouldNotBeAskedIsToldAsThat) {
  EXPECT_EQ(describe_hanging({{.age_ns = 2 * kSecond, .bytes = 512, .cmd_flags = 0}}),
            std::vector<std::string>{"not completed: R of 512 bytes, issued 2.0 s ago, or its "
                                     "completion was not shown"});
}

TEST(Hanging, AfterTwentyTheNumberOfTheOthers) {
  const InFlight old{.age_ns = 3 * kSecond, .bytes = 512, .cmd_flags = 0, .confirmed = true};
  EXPECT_EQ(describe_hanging(std::vector<InFlight>(20, old)).size(), 20U);
  const auto lines = describe_hanging(std::vector<InFlight>(33, old));
  ASSERT_EQ(lines.size(), 21U);
  EXPECT_EQ(lines[19], "not completed: R of 512 bytes, issued 3.0 s ago");
  EXPECT_EQ(lines[20], "not completed: 13 more");
}

}  // namespace
}  // namespace disksnoop
