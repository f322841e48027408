#include "app/row_printer.h"

#include "base/escape.h"

namespace disksnoop {

void RowPrinter::append_escaped(const IoEvent& event) {
  const std::string bytes = escaped(event.bytes);
  IoEvent shown = event;
  shown.bytes = bytes;
  append_row(output_.buffer(), shown, format_);
}

}  // namespace disksnoop
