#include "original/usual_line.h"

#include <cstddef>
#include <cstdint>

namespace disksnoop {
namespace {

/// Goes forward through a text that ends in a newline. No step takes one, so
/// none has to look for the end.
class Scanner {
 public:
  explicit Scanner(const char* text) : at_(text) {}

  const char* at() const { return at_; }

  bool take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }

  /// One blank or more.
  bool take_blanks() {
    if (!take(' ')) return false;
    while (*at_ == ' ') ++at_;
    return true;
  }

  /// Takes decimal digits and returns how many, none perhaps; `value` goes on
  /// with them, modulo 2^64.
  std::ptrdiff_t take_digits(std::uint64_t& value) {
    const char* const begin = at_;
    for (unsigned char digit; (digit = static_cast<unsigned char>(*at_ - '0')) <= 9; ++at_) {
      value = value * 10 + digit;
    }
    return at_ - begin;
  }

  bool take_number() {
    std::uint64_t unused = 0;
    return take_digits(unused) != 0;
  }

  /// Takes ASCII characters that can be seen, up to `end` or a blank.
  bool take_word(char end = ' ') {
    const char* const begin = at_;
    while (*at_ > ' ' && *at_ <= '~' && *at_ != end) ++at_;
    return at_ != begin;
  }

  /// Takes the digits of a hexadecimal number; `odd` is of the last.
  bool take_hex(bool& odd) {
    const char* const begin = at_;
    for (;; ++at_) {
      const bool decimal = *at_ >= '0' && *at_ <= '9';
      if (!decimal && (*at_ < 'a' || *at_ > 'f')) return at_ != begin;
      odd = ((*at_ & 1) != 0) == decimal;  // '0' is even, and 'a' odd
    }
  }

 private:
  const char* at_;
};

}  // namespace

bool read_usual_line(std::string_view raw, TraceLine& line) {
  constexpr std::size_t kComm = 17;  // and the "-" after it
  constexpr std::string_view kSymbol = ": bpf_trace_printk: ";
  if (raw.size() <= kComm || raw.back() != '\n' || raw.starts_with("CPU:")) return false;
  const char* const end = raw.data() + raw.size() - 1;

  Scanner header(raw.data() + kComm);
  if (!header.take_number() || !header.take_blanks()) return false;  // pid
  if (!header.take('[') || !header.take_number() || !header.take(']')) return false;
  if (!header.take_blanks() || !header.take_word(':') || !header.take_blanks()) return false;
  std::uint64_t time_us = 0;
  const std::ptrdiff_t digits = header.take_digits(time_us);
  if (digits == 0 || digits > 9 || !header.take('.') || header.take_digits(time_us) != 6) {
    return false;
  }
  if (!std::string_view(header.at(), end).starts_with(kSymbol)) return false;

  const char* const bytes = header.at() + kSymbol.size();
  Scanner message(bytes);
  if (!message.take_word()) return false;
  const std::string_view bytes_word(bytes, message.at());
  bool write = false;
  if (!message.take(' ') || !message.take_hex(write) || !message.take(' ')) return false;
  std::uint64_t latency_us = 0;
  const std::ptrdiff_t latency_digits = message.take_digits(latency_us);
  if (latency_digits == 0 || latency_digits > 15 || message.at() != end) return false;

  line.kind = LineKind::kRow;
  line.write = write;
  // Both are of at most 15 digits, which a double holds, so each is rounded
  // once, as Python rounds it.
  line.timestamp_s = static_cast<double>(time_us) / 1'000'000;
  line.latency_ms = static_cast<double>(latency_us) / 1000;
  line.bytes = bytes_word;
  return true;
}

}  // namespace disksnoop
