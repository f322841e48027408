// Events to rows to stdout.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "render/io_event.h"
#include "render/table.h"
#include "system/output.h"

namespace disksnoop {

class RowPrinter {
 public:
  /// Rows go to `output`; after `most_rows` of them no more are taken. BYTES of
  /// a foreign stream can be any word: a terminal gets it escaped, all others
  /// what the original prints.
  RowPrinter(Output output, Format format, std::optional<std::uint64_t> most_rows)
      : output_(std::move(output)),
        on_terminal_(output_.is_terminal()),
        format_(format),
        most_rows_(most_rows) {}

  void add_header() { output_.buffer() += table_header(); }

  /// Adds a row; false when there are as many as were asked for.
  bool add(const IoEvent& event) {
    if (on_terminal_) {
      append_escaped(event);
    } else {
      append_row(output_.buffer(), event, format_);
    }
    return ++added_ != most_rows_;
  }

  /// Counts a row that can no longer be written, as add() would.
  bool drop() { return ++added_ != most_rows_; }

  Output& output() { return output_; }
  const Output& output() const { return output_; }

  /// Rows that stdout has taken, to their last byte.
  std::uint64_t rows() const {
    const std::uint64_t lines = output_.lines_written();
    return lines - (lines > 0 ? 1 : 0);  // without the header
  }

  /// Rows that were added or dropped, and not written.
  std::uint64_t unwritten_rows() const { return added_ - rows(); }

 private:
  void append_escaped(const IoEvent& event);

  Output output_;
  bool on_terminal_;
  Format format_;
  std::optional<std::uint64_t> most_rows_;
  std::uint64_t added_ = 0;
};

}  // namespace disksnoop
