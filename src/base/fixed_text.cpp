#include "base/fixed_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

namespace disksnoop {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr std::uint64_t power_of_ten(unsigned exponent) {
  return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

/// |value| * kFactor, rounded to nearest even; nothing if that is no number or
/// beyond 64 bits. A double is an integer of 53 bits times a power of two, so
/// the product with the integer is exact, and the power is a shift.
template <std::uint64_t kFactor>
std::optional<std::uint64_t> scale(double value) {
  constexpr unsigned kMantissaBits = 52;
  constexpr unsigned kBias = 1023 + kMantissaBits;
  constexpr std::uint64_t kImpliedBit = std::uint64_t{1} << kMantissaBits;
  constexpr unsigned kProductBits = kMantissaBits + 1 + std::bit_width(kFactor);
  using Product = std::conditional_t<(kProductBits < 64), std::uint64_t, Uint128>;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<unsigned>(bits >> kMantissaBits & 0x7ff);
  if (exponent >= kBias) return std::nullopt;  // from 2^52 on, infinity, NaN
  const unsigned shift = kBias - exponent;
  if (shift > kProductBits) return 0;  // less than a half; zero and the subnormal too
  const Product product = Product{(bits & (kImpliedBit - 1)) | kImpliedBit} * kFactor;
  const Product quotient = product >> shift;
  const Product rest = product - (quotient << shift);
  const Product half = Product{1} << (shift - 1);
  const bool up = rest > half || (rest == half && (quotient & 1) != 0);
  if (quotient >= std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(quotient) + (up ? 1 : 0);
}

/// Two digits at a time: each step waits for the division of the one before.
struct DigitPairs {
  char text[100][2];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; ++i) {
      text[i][0] = static_cast<char>('0' + i / 10);
      text[i][1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs kDigitPairs;

/// Writes value % 100 before `end`; where that is.
template <class Unsigned>
char* put_pair(char* end, Unsigned value) {
  std::memcpy(end - 2, kDigitPairs.text[value % 100], 2);
  return end - 2;
}

char* put_digit(char* end, std::uint64_t value) {
  end[-1] = static_cast<char>('0' + value % 10);
  return end - 1;
}

}  // namespace

template <unsigned kDecimals>
FixedText<kDecimals>::FixedText(double value) {
  constexpr std::uint64_t kFactor = power_of_ten(kDecimals);
  const auto scaled = scale<kFactor>(value);
  if (!scaled) {
    char* const begin = buffer_.data();
    const auto result =
        std::to_chars(begin, begin + buffer_.size(), value, std::chars_format::fixed, kDecimals);
    text_ = {begin, result.ptr};
    return;
  }
  // From the last digit to the first.
  char* const end = buffer_.data() + buffer_.size();
  char* at = end;
  auto fraction = static_cast<std::uint32_t>(*scaled % kFactor);
  for (unsigned i = 0; i < kDecimals / 2; ++i, fraction /= 100) at = put_pair(at, fraction);
  if (kDecimals % 2 != 0) at = put_digit(at, fraction);
  *--at = '.';
  std::uint64_t whole = *scaled / kFactor;
  for (; whole >= 100; whole /= 100) at = put_pair(at, whole);
  at = whole >= 10 ? put_pair(at, whole) : put_digit(at, whole);
  if (std::signbit(value)) *--at = '-';
  text_ = {at, end};
}

template class FixedText<2>;
template class FixedText<9>;

}  // namespace disksnoop
