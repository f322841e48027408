#include "app/row_printer.h"

#include "core/escape.h"

namespace disksnoop {

Result<bool> RowPrinter::print_header() {
  output_.buffer() += table_header();
  return output_.flush();
}

bool RowPrinter::add(const IoEvent& event) {
  if (rows_ == most_rows_) return false;
  if (on_terminal_) {
    const std::string bytes = escaped(event.bytes);
    IoEvent shown = event;
    shown.bytes = bytes;
    append_row(output_.buffer(), shown, format_);
  } else {
    append_row(output_.buffer(), event, format_);
  }
  return ++rows_ != most_rows_;
}

}  // namespace disksnoop
