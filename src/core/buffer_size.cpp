#include "core/buffer_size.h"

#include <bit>
#include <charconv>

namespace disksnoop {

std::optional<std::uint64_t> parse_buffer_size(std::string_view text) {
  std::uint64_t bytes = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, bytes);
  if (error != std::errc() || bytes == 0 || bytes > kLargestBufferBytes) return std::nullopt;
  if (unit != end) {
    if (unit + 1 != end) return std::nullopt;
    switch (*unit) {
      case 'k':
      case 'K':
        bytes <<= 10;
        break;
      case 'm':
      case 'M':
        bytes <<= 20;
        break;
      case 'g':
      case 'G':
        bytes <<= 30;
        break;
      default:
        return std::nullopt;
    }
  }
  if (bytes > kLargestBufferBytes) return std::nullopt;
  return bytes;
}

std::uint64_t buffer_pages(std::uint64_t bytes, std::uint64_t page_size) {
  return std::bit_ceil((bytes + page_size - 1) / page_size);
}

}  // namespace disksnoop
