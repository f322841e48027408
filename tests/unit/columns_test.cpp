#include "request/columns.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace disksnoop {
namespace {

/// "time,type".
std::string names(const Columns& columns) {
  std::string list;
  for (const Column* column : columns) {
    list += (list.empty() ? "" : ",") + std::string(column->name);
  }
  return list;
}

std::string parsed(std::string_view list) {
  const auto columns = parse_columns(list);
  return columns ? names(*columns) : "error: " + columns.error().message;
}

TEST(Columns, AreInTheOrderOfTheList) {
  EXPECT_EQ(parsed("file"), "file");
  EXPECT_EQ(parsed("latency,time,disk"), "latency,time,disk");
}

TEST(Columns, PlusAddsToTheUsualOnes) {
  EXPECT_EQ(parsed("+disk,pid"), "time,type,bytes,latency,disk,pid");
  EXPECT_EQ(names(usual_columns()), "time,type,bytes,latency");
}

TEST(Columns, WideSaysWhoWhereWhatAndHowLong) {
  EXPECT_EQ(names(wide_columns()), "clock,comm,pid,disk,op,sector,bytes,queue,latency,file");
}

TEST(Columns, NoneComesTwice) {
  EXPECT_EQ(parsed("disk,pid,disk"), "error: the column disk is there twice");
  EXPECT_EQ(parsed("+bytes"), "error: the column bytes is there twice");
}

TEST(Columns, OfAWrongNameTheNearestIsSuggestedAndAllAreListed) {
  const std::string all =
      "? There are time, clock, type, op, bytes, latency, queue, disk, partition, sector, pid, "
      "comm, cgroup, file, pattern, error";
  EXPECT_EQ(parsed("time,latncy"),
            "error: there is no column 'latncy': did you mean latency" + all);
  EXPECT_EQ(parsed("partitions"),
            "error: there is no column 'partitions': did you mean partition" + all);
  EXPECT_EQ(parsed("Disk"), "error: there is no column 'Disk': did you mean disk" + all);
  EXPECT_EQ(parsed("command"), "error: there is no column 'command': did you mean comm" + all);
}

TEST(Columns, AnEmptyNameIsNone) {
  for (const std::string_view list : {"", "+", ",", "disk,", ",disk", "disk,,pid", "disk, pid"}) {
    EXPECT_FALSE(parse_columns(list)) << list;
  }
}

TEST(Columns, AreToldApartByEachOfTheirNames) {
  std::set<std::string_view> found;
  std::set<std::string_view> headers;
  std::set<std::string_view> keys;
  for (const Column* column : all_columns()) {
    EXPECT_EQ(find_column(column->name), column);
    EXPECT_LE(column->header.size(), column->width) << column->name;
    found.insert(column->name);
    headers.insert(column->header);
    keys.insert(column->key);
  }
  EXPECT_EQ(found.size(), all_columns().size());
  EXPECT_EQ(headers.size(), all_columns().size());
  EXPECT_EQ(keys.size(), all_columns().size());
}

TEST(Columns, OfARequestOfWhichNothingIsKnownNothingIsSaid) {
  for (const Column* column : all_columns()) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(column->value({}, 5))) << column->name;
  }
}

TEST(Columns, ZeroIsKnown) {
  Request request;
  request.completed_ns = 0;
  request.latency_ns = 0;
  request.queue_ns = 0;
  request.bytes = 0;
  request.sector = 0;
  request.pid = 0;
  for (const std::string_view name : {"time", "latency", "queue", "bytes", "sector", "pid"}) {
    EXPECT_FALSE(std::holds_alternative<std::monostate>(find_column(name)->value(request, 0)))
        << name;
  }
}

TEST(Columns, OfWhatIsNoValueNothingIsKept) {
  const auto takes = [](std::string_view name, const Value& value) {
    Request request;
    request.completed_ns = 1;
    request.bytes = 1;
    const Column& column = *find_column(name);
    const bool taken = column.set(request, value);
    if (!taken) {
      EXPECT_TRUE(std::holds_alternative<std::monostate>(column.value(request, 0))) << name;
    }
    return taken;
  };
  EXPECT_TRUE(takes("pid", std::uint64_t{4294967295}));
  EXPECT_FALSE(takes("pid", std::uint64_t{4294967296}));
  EXPECT_FALSE(takes("bytes", std::int64_t{-1}));
  EXPECT_FALSE(takes("bytes", std::string_view("4096")));
  EXPECT_TRUE(takes("time", std::int64_t{-1}));
  EXPECT_FALSE(takes("time", std::uint64_t{1} << 63));
  EXPECT_FALSE(takes("comm", std::uint64_t{7}));
  EXPECT_TRUE(takes("type", std::string_view("M")));
  EXPECT_FALSE(takes("type", std::string_view("X")));
  EXPECT_FALSE(takes("type", std::string_view("RW")));
  EXPECT_TRUE(takes("pattern", std::string_view("S")));
  EXPECT_FALSE(takes("pattern", std::string_view("W")));
  EXPECT_TRUE(takes("op", std::string_view("WS")));
  EXPECT_FALSE(takes("op", std::string_view("SW")));
  EXPECT_FALSE(takes("clock", std::string_view("now")));
}

}  // namespace
}  // namespace disksnoop
