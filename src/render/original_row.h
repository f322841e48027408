// The row of disksnoop.py, byte for byte.
#pragma once

#include <string>
#include <string_view>

namespace disksnoop {

/// Which disksnoop.py is meant: they differ in what a row is and how it looks.
enum class Dialect {
  /// The original. It cuts str(msg, "utf-8").split(): UTF-8 only, at Unicode white
  /// space. Its row has the time from the first row, and %10.2f.
  kSeed,
  /// bcc's own. It cuts msg.split(): any bytes, at ASCII white space. Its row has
  /// absolute time, %8.2f, and never M.
  kBcc,
};

/// What a row is made of.
struct OriginalRow {
  double time_s = 0;       ///< completion, seconds on the clock of its source
  double elapsed_s = 0;    ///< seconds since the first row
  std::string_view bytes;  ///< size of the request in bytes: any word of a foreign stream
  bool write = false;      ///< bit 0 of cmd_flags: REQ_OP_WRITE and the other writes
  double latency_ms = 0;   ///< from issue to completion
};

/// The header line; both have the same.
std::string_view original_header();

/// Adds the row and its newline to `out`.
void append_original_row(std::string& out, const OriginalRow& row, Dialect dialect);

}  // namespace disksnoop
