// How large the buffer between the kernel and the tool is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace disksnoop {

/// 100 ms of 200,000 requests a second, at 32 bytes each (24 of the event and
/// 8 of the ring's own header): 640,000 bytes, rounded up to a power of two.
constexpr std::uint64_t kDefaultBufferBytes = 1024 * 1024;
constexpr std::uint64_t kLargestBufferBytes = 1ULL << 30;

/// A size (see quantity.h) from 1 to kLargestBufferBytes.
std::optional<std::uint64_t> parse_buffer_size(std::string_view text);

/// The pages that hold `bytes`: a power of two, as the kernel demands of a
/// ring buffer.
std::uint64_t buffer_pages(std::uint64_t bytes, std::uint64_t page_size);

}  // namespace disksnoop
