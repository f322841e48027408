#include "tracepoint/name_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace disksnoop {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

using Word = std::array<char, kWord>;

/// With the NUL that ends it, and no more. A program is loaded on the machine
/// that it was compiled on, so a word is the same number here and there.
std::string condition(const std::string& name) {
  std::string text;
  const std::size_t size = name.size() + 1;
  for (std::size_t begin = 0; begin < size; begin += kWord) {
    Word value = {};
    Word mask = {};
    const std::size_t length = std::min(kWord, size - begin);
    std::copy_n(name.c_str() + begin, length, value.begin());
    std::fill_n(mask.begin(), length, '\xff');
    text +=
        fmt::format("{}(name[{}] & {:#x}ULL) == {:#x}ULL", begin == 0 ? "" : " && ", begin / kWord,
                    std::bit_cast<std::uint64_t>(mask), std::bit_cast<std::uint64_t>(value));
  }
  return text;
}

}  // namespace

std::string disk_condition(std::span<const DiskPart> parts) {
  std::string text;
  for (const DiskPart& part : parts) {
    text += fmt::format("{}({}", text.empty() ? "" : " || ", condition(part.disk));
    if (part.partition) text += fmt::format(" && partition == {}", *part.partition);
    text += ")";
  }
  return text;
}

std::string comm_condition(std::span<const std::string> comms) {
  std::string text;
  for (const std::string& comm : comms) {
    text += fmt::format("{}({})", text.empty() ? "" : " || ", condition(comm));
  }
  return text;
}

}  // namespace disksnoop
