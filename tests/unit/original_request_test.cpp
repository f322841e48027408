#include "original/original_request.h"

#include <gtest/gtest.h>

#include <limits>

namespace disksnoop {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(OriginalRequest, HasTheUnitsOfTheKernel) {
  const Request request = request_of(
      {.time_s = 78.860577, .elapsed_s = 3, .bytes = "4096", .write = true, .latency_ms = 8.256});
  EXPECT_EQ(request.completed_ns, 78'860'577'000);
  EXPECT_EQ(request.bytes, 4096U);
  EXPECT_EQ(request.type, 'W');
  EXPECT_EQ(request.latency_ns, 8'256'000U);
}

TEST(OriginalRequest, HasTheTypeOfItsRow) {
  EXPECT_EQ(request_of({.bytes = "0"}).type, 'M');
  EXPECT_EQ(request_of({.bytes = "0", .write = true}).type, 'W');
  EXPECT_EQ(request_of({.bytes = "00"}).type, 'R') << "the text is compared";
  EXPECT_EQ(request_of({.bytes = "512"}).type, 'R');
}

TEST(OriginalRequest, OfAForeignWordNothingIsKnown) {
  for (const std::string_view word : {"", "x", "4096x", "-1", "+1", " 1", "1_000", "0x10", "1.0",
                                      "18446744073709551616", "\u0661"}) {
    EXPECT_EQ(request_of({.bytes = word}).bytes, std::nullopt) << word;
  }
  EXPECT_EQ(request_of({.bytes = "18446744073709551615"}).bytes,
            std::numeric_limits<std::uint64_t>::max());
}

TEST(OriginalRequest, OfWhatIsNoNumberNothingIsKnown) {
  for (const double value : {kNan, kInfinity, -kInfinity, 1e300, 1e13}) {
    const Request request = request_of({.time_s = value, .bytes = "1", .latency_ms = value * 1e3});
    EXPECT_EQ(request.completed_ns, std::nullopt) << value;
    EXPECT_EQ(request.latency_ns, std::nullopt) << value;
  }
}

TEST(OriginalRequest, ALatencyIsNeverNegative) {
  EXPECT_EQ(request_of({.bytes = "1", .latency_ms = -0.001}).latency_ns, std::nullopt);
  EXPECT_EQ(request_of({.bytes = "1", .latency_ms = 0}).latency_ns, 0U);
}

TEST(OriginalRequest, ATimeCanBe) {
  EXPECT_EQ(request_of({.time_s = -0.25, .bytes = "1"}).completed_ns, -250'000'000);
}

}  // namespace
}  // namespace disksnoop
