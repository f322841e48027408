// Events to rows to stdout.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "core/io_event.h"
#include "core/table.h"
#include "kernel/output.h"

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

  /// Writes the header at once. See Output::flush().
  Result<bool> print_header();

  /// Adds a row; false when there are as many as were asked for.
  bool add(const IoEvent& event);

  /// Writes the rows that were added. See Output::flush().
  Result<bool> flush() { return output_.flush(); }

  std::uint64_t rows() const { return rows_; }

  /// See Output::cut_short().
  bool cut_short() const { return output_.cut_short(); }

 private:
  Output output_;
  bool on_terminal_;
  Format format_;
  std::optional<std::uint64_t> most_rows_;
  std::uint64_t rows_ = 0;
};

}  // namespace disksnoop
