#include "tracepoint/buffer_size.h"

#include <algorithm>
#include <bit>

#include "base/quantity.h"

namespace disksnoop {

std::optional<std::uint64_t> parse_buffer_size(std::string_view text) {
  const auto bytes = parse_size(text);
  if (!bytes || *bytes == 0 || *bytes > kLargestBufferBytes) return std::nullopt;
  return bytes;
}

std::uint64_t default_buffer_bytes(std::uint64_t requests_in_flight) {
  constexpr std::uint64_t kBytesEach = 32;
  return std::max(kDefaultBufferBytes, std::bit_ceil(kBytesEach * requests_in_flight));
}

std::uint64_t buffer_pages(std::uint64_t bytes, std::uint64_t page_size) {
  return std::bit_ceil((bytes + page_size - 1) / page_size);
}

}  // namespace disksnoop
