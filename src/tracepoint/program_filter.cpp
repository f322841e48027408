#include "tracepoint/program_filter.h"

#include <algorithm>

namespace disksnoop {

std::uint64_t operation_bits(std::span<const OperationClass> classes, const OperationTable& table) {
  std::uint64_t bits = 0;
  for (std::uint32_t number = 0; number < 64; ++number) {
    const OperationClass is = class_of(table.operation_of(number));
    if (std::ranges::find(classes, is) != classes.end()) bits |= std::uint64_t{1} << number;
  }
  return bits;
}

}  // namespace disksnoop
