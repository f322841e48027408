// A double as printf's "%.Nf" and Python's f"{value:.Nf}" write it.
#pragma once

#include <array>
#include <string_view>

namespace disksnoop {

/// The text of one number, exact and rounded to nearest even. A row is nearly
/// all numbers, and fmt's general way to them took more time than all else
/// that is done for the row.
template <unsigned kDecimals>
class FixedText {
 public:
  explicit FixedText(double value);
  FixedText(const FixedText&) = delete;
  FixedText& operator=(const FixedText&) = delete;

  std::string_view view() const { return text_; }

 private:
  std::array<char, 328> buffer_;  // the longest is -DBL_MAX: 309 digits before the point
  std::string_view text_;
};

extern template class FixedText<2>;
extern template class FixedText<9>;

}  // namespace disksnoop
