#include "tracepoint/buffer_size.h"

#include <gtest/gtest.h>

namespace disksnoop {
namespace {

TEST(BufferSize, BytesAndUnits) {
  EXPECT_EQ(parse_buffer_size("1"), 1U);
  EXPECT_EQ(parse_buffer_size("65536"), 65536U);
  EXPECT_EQ(parse_buffer_size("64K"), 65536U);
  EXPECT_EQ(parse_buffer_size("64k"), 65536U);
  EXPECT_EQ(parse_buffer_size("8M"), 8U << 20);
  EXPECT_EQ(parse_buffer_size("8m"), 8U << 20);
  EXPECT_EQ(parse_buffer_size("1G"), 1U << 30);
  EXPECT_EQ(parse_buffer_size("1g"), 1U << 30);
  EXPECT_EQ(parse_buffer_size("1048576K"), 1U << 30);
}

TEST(BufferSize, NothingElse) {
  for (const auto text :
       {"", "0", "0K", "K", "-1", "+1", "1T", "1KB", "1.5M", " 1", "1 ", "0x10", "2G", "1025M",
        "1048577K", "1073741825", "18446744073709551616", "17592186044417M"}) {
    EXPECT_EQ(parse_buffer_size(text), std::nullopt) << text;
  }
}

TEST(BufferSize, GrowsWithWhatCanCompleteAtOnce) {
  EXPECT_EQ(default_buffer_bytes(0), kDefaultBufferBytes);
  EXPECT_EQ(default_buffer_bytes(32'768), kDefaultBufferBytes);
  EXPECT_EQ(default_buffer_bytes(32'769), 2 * kDefaultBufferBytes);
  EXPECT_EQ(default_buffer_bytes(262'144), 8 * kDefaultBufferBytes);
}

TEST(BufferSize, PagesAreAPowerOfTwo) {
  EXPECT_EQ(buffer_pages(1, 4096), 1U);
  EXPECT_EQ(buffer_pages(4096, 4096), 1U);
  EXPECT_EQ(buffer_pages(4097, 4096), 2U);
  EXPECT_EQ(buffer_pages(3 * 4096, 4096), 4U);
  EXPECT_EQ(buffer_pages(kDefaultBufferBytes, 4096), 256U);
  EXPECT_EQ(buffer_pages(kDefaultBufferBytes, 65536), 16U);
  EXPECT_EQ(buffer_pages(0, 4096), 1U);
}

}  // namespace
}  // namespace disksnoop
