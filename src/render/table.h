// The table on stdout: its header and its rows, in the two formats.
#pragma once

#include <string>
#include <string_view>

#include "render/io_event.h"

namespace disksnoop {

enum class Format {
  kTable,  ///< the row of disksnoop.py: time from the first row, %10.2f
  kBcc,    ///< the row of bcc's own disksnoop.py: absolute time, %8.2f, never M
};

/// The header line; it is the same in both formats.
std::string_view table_header();

/// Adds the row of `event` and its newline to `out`.
void append_row(std::string& out, const IoEvent& event, Format format);

}  // namespace disksnoop
