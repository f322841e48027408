// Rows, or the lines of summaries, to stdout, counted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "system/output.h"

namespace disksnoop {

class RowPrinter {
 public:
  /// Rows go to `output`, after `header`, which may be empty; after `most_rows` of
  /// them no more are taken.
  /// `unit`: what they are called where some could not be written.
  RowPrinter(Output output, std::string header, std::optional<std::uint64_t> most_rows,
             std::string_view unit = "rows")
      : output_(std::move(output)),
        header_(std::move(header)),
        most_rows_(most_rows),
        unit_(unit) {}

  /// Before the first row; once, however often it is called.
  void add_header() {
    if (!std::exchange(has_header_, true)) output_.buffer() += header_;
  }

  /// Adds a row, which `append` adds with its newline to a string; false when there
  /// are as many as were asked for.
  template <class Append>
  bool add(const Append& append) {
    if (!drops_) append(output_.buffer());
    return ++added_ != most_rows_;
  }

  /// Adds text of whole lines, each of which counts as a row.
  void add_lines(std::string_view text) {
    if (!drops_) output_.buffer() += text;
    added_ += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  }

  /// What is added from now on can no longer be written, and is counted only.
  void drop_from_now_on() { drops_ = true; }

  Output& output() { return output_; }
  const Output& output() const { return output_; }

  /// Rows that stdout has taken, to their last byte.
  std::uint64_t rows() const {
    const std::uint64_t lines = output_.lines_written();
    return lines - (lines > 0 && !header_.empty() ? 1 : 0);
  }

  /// Rows that were added and not written.
  std::uint64_t unwritten_rows() const { return added_ - rows(); }
  std::string_view unit() const { return unit_; }

 private:
  Output output_;
  std::string header_;
  std::optional<std::uint64_t> most_rows_;
  std::string_view unit_;
  std::uint64_t added_ = 0;
  bool has_header_ = false;
  bool drops_ = false;
};

}  // namespace disksnoop
