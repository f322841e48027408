#include "render/original_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace disksnoop {
namespace {

Request request(std::int64_t completed_ns, char type, std::uint64_t bytes,
                std::uint64_t latency_ns) {
  Request request;
  request.completed_ns = completed_ns;
  request.type = type;
  request.bytes = bytes;
  request.latency_ns = latency_ns;
  return request;
}

const Request kRequests[] = {
    request(78'860'577'000, 'W', 4096, 8'256'000),
    request(78'860'577'001, 'R', 131'072, 4'999),
    request(78'860'576'000, 'M', 0, 0),
    request(90'000'000'000, 'W', 12'345'678, 123'456'789'012),
};

std::string rows(Dialect dialect, TimeOrigin origin) {
  OriginalWriter writer(dialect, origin);
  std::string out = writer.header();
  for (const Request& each : kRequests) writer.append(out, each);
  return out;
}

// As Python 3.11 prints it: f"{ts - start:<18.9f} {type_s:2s} {bytes_s:>5s} {ms:10.2f}".
TEST(OriginalWriter, RowsAreThoseOfDisksnoopPy) {
  EXPECT_EQ(rows(Dialect::kSeed, std::nullopt), "TIME(s)            T  BYTES    LAT(ms)\n"
                                                "0.000000000        W   4096       8.26\n"
                                                "0.000000001        R  131072       0.00\n"
                                                "-0.000001000       M      0       0.00\n"
                                                "11.139423000       W  12345678  123456.79\n");
}

// "%-18.9f %-2s %-7s %8.2f", which never says M.
TEST(OriginalWriter, RowsAreThoseOfBccToo) {
  EXPECT_EQ(rows(Dialect::kBcc, std::nullopt), "TIME(s)            T  BYTES    LAT(ms)\n"
                                               "78.860577000       W  4096        8.26\n"
                                               "78.860577001       R  131072      0.00\n"
                                               "78.860576000       R  0           0.00\n"
                                               "90.000000000       W  12345678 123456.79\n");
}

TEST(OriginalWriter, TheTimeCountsFromWhereItIsTold) {
  OriginalWriter writer(Dialect::kSeed, 0);
  std::string out;
  writer.append(out, kRequests[0]);
  EXPECT_EQ(out, "78.860577000       W   4096       8.26\n");
}

}  // namespace
}  // namespace disksnoop
