#include "app/summary_printer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "test_files.h"

namespace disksnoop {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Readings readings(std::optional<double> interval_s, bool has_picture = false) {
  SummaryOptions options;
  options.interval_s = interval_s;
  if (has_picture) options.heat_map = "x";
  return readings_for(options);
}

void expect_readings(const Readings& readings, nanoseconds every, std::uint64_t each_interval) {
  EXPECT_EQ(readings.every, every);
  EXPECT_EQ(readings.each_interval, each_interval);
}

TEST(ReadingsFor, AnIntervalHasOneEachSecondAtLeast) {
  expect_readings(readings(10), seconds(1), 10);
  expect_readings(readings(1), seconds(1), 1);
  expect_readings(readings(2.5), nanoseconds(833'333'333), 3);
  expect_readings(readings(1.001), nanoseconds(500'500'000), 2);
}

TEST(ReadingsFor, AShortIntervalIsOne) {
  expect_readings(readings(0.25), milliseconds(250), 1);
  expect_readings(readings(0.1), milliseconds(100), 1);
}

TEST(ReadingsFor, APictureTakesMore) {
  expect_readings(readings(10, true), milliseconds(250), 40);
  expect_readings(readings(0.3, true), milliseconds(150), 2);
  expect_readings(readings(0.1, true), milliseconds(100), 1);
}

TEST(ReadingsFor, WithoutAnIntervalItNeverEnds) {
  expect_readings(readings(std::nullopt), seconds(1), 0);
  expect_readings(readings(std::nullopt, true), milliseconds(250), 0);
}

TEST(ReadingsFor, AreNotLongerThanTheirInterval) {
  for (const double interval_s : {0.1, 0.29, 1.1, 4.1, 59.9, 86'400.0, 3e9}) {
    const Readings each = readings(interval_s);
    const double total =
        std::chrono::duration<double>(each.every).count() * static_cast<double>(each.each_interval);
    EXPECT_NEAR(total / interval_s, 1, 1e-6) << interval_s;
    EXPECT_LE(each.every, seconds(1)) << interval_s;
  }
}

/// What completed in a second that ends then: requests of one disk.
SummaryReport second_to(std::int64_t end_s, std::uint64_t requests) {
  SummaryReport report;
  report.span_ns = 1'000'000'000;
  report.time_ns = end_s * 1'000'000'000;
  report.clock = WallTime{end_s * 1'000'000, 0};
  SummaryLine line;
  Request request;
  request.latency_ns = 5'000'000;
  for (; requests != 0; --requests) line.add(request, true);
  if (line.requests != 0) report.summary.add({"sda"}, line);
  return report;
}

Options options_of(std::optional<double> interval_s) {
  Options options;
  options.summary.asked = true;
  options.summary.keys = *parse_summary_keys("disk");
  options.summary.interval_s = interval_s;
  return options;
}

class SummaryPrinterTest : public ::testing::Test {
 protected:
  void open(const Options& options) {
    auto printer = SummaryPrinter::open(options);
    ASSERT_TRUE(printer) << printer.error().message;
    printer_ = std::move(*printer);
  }

  /// What was added since it was last asked.
  std::string text() const { return std::exchange(printer_->printer().output().buffer(), ""); }

  std::unique_ptr<SummaryPrinter> printer_;
};

TEST_F(SummaryPrinterTest, ReadingsOfAnIntervalAreOneTable) {
  open(options_of(3));
  for (const std::int64_t end_s : {1, 2}) {
    EXPECT_TRUE(printer_->add(second_to(end_s, 4)));
    EXPECT_EQ(text(), "");
  }
  EXPECT_TRUE(printer_->add(second_to(3, 1)));
  const std::string first = text();
  EXPECT_TRUE(first.starts_with("1970-01-01T00:00:03.000000+00:00, over 3.000 s\nDISK ")) << first;
  EXPECT_TRUE(first.contains("\nsda             9      3.0 ")) << first;
  EXPECT_TRUE(printer_->add(second_to(4, 2)));
  EXPECT_EQ(text(), "");
  printer_->finish();
  const std::string last = text();
  EXPECT_TRUE(last.contains(", over 1.000 s\n")) << last;
  EXPECT_TRUE(last.contains("\nsda             2      2.0 ")) << last;
  printer_->finish();
  EXPECT_EQ(text(), "");
  EXPECT_EQ(printer_->requests(), 11U);
}

TEST_F(SummaryPrinterTest, WithoutAnIntervalThereIsOneAtTheEnd) {
  open(options_of(std::nullopt));
  for (std::int64_t end_s = 1; end_s <= 100; ++end_s)
    EXPECT_TRUE(printer_->add(second_to(end_s, 1)));
  EXPECT_EQ(text(), "");
  printer_->finish();
  const std::string all = text();
  EXPECT_TRUE(all.starts_with("1970-01-01T00:01:40.000000+00:00, over 100.000 s\n")) << all;
  EXPECT_TRUE(all.contains("\nsda           100      1.0 ")) << all;
}

TEST_F(SummaryPrinterTest, AnIntervalThatHasJustEndedIsNotFollowedByAnEmptyOne) {
  open(options_of(1));
  EXPECT_TRUE(printer_->add(second_to(1, 1)));
  EXPECT_NE(text(), "");
  printer_->finish();
  EXPECT_EQ(text(), "");
}

TEST_F(SummaryPrinterTest, AfterTheTablesThatWereAskedForIsTheEnd) {
  Options options = options_of(1);
  options.count = 2;
  open(options);
  EXPECT_TRUE(printer_->add(second_to(1, 1)));
  EXPECT_FALSE(printer_->add(second_to(2, 0)));  // where nothing completed is a table too
  const std::string tables = text();
  EXPECT_EQ(std::ranges::count(tables, '\n'), 6) << tables;  // one of them between the two
  printer_->finish();
  EXPECT_EQ(text(), "");
}

TEST_F(SummaryPrinterTest, APictureHasAllIntervals) {
  const TemporaryDirectory directory;
  Options options = options_of(0.25);
  options.summary.heat_map = directory.path() / "x.svg";
  open(options);
  for (const std::int64_t end_s : {1, 2, 3}) {
    EXPECT_TRUE(printer_->add(second_to(end_s, 1)));
  }
  printer_->finish();
  ASSERT_TRUE(printer_->write_picture());
  std::ifstream file(*options.summary.heat_map);
  const std::string picture{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(picture.contains(">3 requests, p50 ")) << picture;
  EXPECT_TRUE(picture.contains("by disk, from 1970-01-01T00:00:00.000000+00:00<"));
}

TEST_F(SummaryPrinterTest, APictureThatCannotBeWrittenIsToldAtOnce) {
  Options options = options_of(1);
  options.summary.heat_map = "/dev/null";
  const auto printer = SummaryPrinter::open(options);
  ASSERT_FALSE(printer);
  EXPECT_EQ(printer.error().message, "cannot write /dev/null: it is no regular file");
}

}  // namespace
}  // namespace disksnoop
