#include "render/table_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

TableWriter writer(std::string_view columns, TimeOrigin origin = 0) {
  return {*parse_columns(columns), origin};
}

std::string row(std::string_view columns, const Request& request) {
  std::string out;
  writer(columns).append(out, request);
  return out;
}

Request with_comm(std::string_view comm) {
  Request request;
  request.comm = comm;
  request.file = "/a";
  return request;
}

TEST(TableWriter, HeaderIsOverItsColumns) {
  EXPECT_EQ(writer("time,type,bytes,latency").header(),
            "TIME(s)            T     BYTES   LAT(ms)\n");
  EXPECT_EQ(writer("op,bytes,file").header(), "OP      BYTES FILE\n");
  EXPECT_EQ(writer("error").header(), "ERR\n") << "no blanks at the end";
}

TEST(TableWriter, ValuesAreUnderTheirHeaders) {
  Request request;
  request.completed_ns = 1'500'000'000;
  request.type = 'W';
  request.bytes = 4096;
  request.latency_ns = 1'234'567;
  EXPECT_EQ(row("time,type,bytes,latency", request), "1.500000000        W      4096      1.23\n");
}

TEST(TableWriter, EachKindOfValue) {
  Request request;
  request.clock = WallTime{0, 3600};
  EXPECT_EQ(row("clock", request), "1970-01-01T01:00:00.000000+01:00\n");
  request.completed_ns = -250'000'000;
  EXPECT_EQ(row("time", request), "-0.250000000\n");
  request.queue_ns = 5'000;
  EXPECT_EQ(row("queue", request), "     0.01\n");
  request.operation = Operation("FWFSM");
  EXPECT_EQ(row("op,pid", request), "FWFSM       -\n") << "what is longer moves what follows";
  request.sector = 18'446'744'073'709'551'615U;
  EXPECT_EQ(row("sector", request), "18446744073709551615\n");
  request.is_sequential = true;
  EXPECT_EQ(row("pattern", request), "S\n");
  request.is_sequential = false;
  EXPECT_EQ(row("pattern", request), "R\n");
  request.error = "EIO";
  EXPECT_EQ(row("error", request), "EIO\n");
}

TEST(TableWriter, WhatIsNotKnownIsADash) {
  std::string expected;
  for (const Column* column : all_columns()) {
    const std::string blanks(column->width - 1, ' ');
    const bool is_last = column == all_columns().back();
    expected += column->align == Align::kRight ? blanks + "-" : "-" + (is_last ? "" : blanks);
    expected += is_last ? '\n' : ' ';
  }
  std::string out;
  TableWriter(all_columns(), 0).append(out, {});
  EXPECT_EQ(out, expected);
}

TEST(TableWriter, TheLastColumnRunsOver) {
  Request request;
  const std::string path = "/" + std::string(300, 'x');
  request.file = path;
  EXPECT_EQ(row("file", request), path + "\n");
  EXPECT_EQ(row("file,pid", request), path + "       -\n");
}

TEST(TableWriter, ARowHasAsManyWordsAsColumns) {
  EXPECT_EQ(row("comm,file", with_comm("a b")), "a\\x20b           /a\n");
  EXPECT_EQ(row("file,comm", with_comm("a b")), "/a                       a b\n")
      << "the last one can be read with its blanks";
  EXPECT_EQ(row("comm,file", with_comm(" ")), "\\x20             /a\n");
}

TEST(TableWriter, TextOfOthersIsEscaped) {
  EXPECT_EQ(row("comm", with_comm("a\nb\x1b[2J")), "a\\x0ab\\x1b[2J\n");
  EXPECT_EQ(row("comm", with_comm("\xff")), "\\xff\n");
  EXPECT_EQ(row("comm", with_comm("\u202e")), "\\xe2\\x80\\xae\n") << "it turns what follows round";
}

TEST(TableWriter, ColumnsAreAlignedByCharacters) {
  EXPECT_EQ(row("comm,file", with_comm("größe")), "größe            /a\n");
}

TEST(TableWriter, TheTimeCountsFromTheFirstRow) {
  TableWriter table = writer("time", std::nullopt);
  std::string out;
  for (const std::int64_t ns : {5'000'000'000, 5'000'000'001, 4'999'999'999}) {
    Request request;
    request.completed_ns = ns;
    table.append(out, request);
  }
  EXPECT_EQ(out, "0.000000000\n0.000000001\n-0.000000001\n");
}

}  // namespace
}  // namespace disksnoop
