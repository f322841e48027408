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

/// Of each CPU's perf buffer at least, unless a size was told: the default is shared out.
constexpr std::uint64_t kLeastBufferBytesEach = 64 * 1024;

/// Where so many requests can be in flight, which may all complete at once: the default has room
/// for 32,768.
std::uint64_t default_buffer_bytes(std::uint64_t requests_in_flight);

/// A size (see quantity.h) from 1 to kLargestBufferBytes.
std::optional<std::uint64_t> parse_buffer_size(std::string_view text);

/// The pages that hold `bytes`: a power of two, as the kernel demands of a
/// ring buffer.
std::uint64_t buffer_pages(std::uint64_t bytes, std::uint64_t page_size);

}  // namespace disksnoop
