#include "app/row_printer.h"

namespace disksnoop {

Result<bool> RowPrinter::print_header() {
  output_.buffer() += table_header();
  return output_.flush();
}

bool RowPrinter::add(const IoEvent& event) {
  if (rows_ == most_rows_) return false;
  append_row(output_.buffer(), event, format_);
  return ++rows_ != most_rows_;
}

}  // namespace disksnoop
