// A summary as a table.
#pragma once

#include <cstddef>
#include <string>

#include "render/summary_look.h"
#include "request/summary.h"

namespace disksnoop {

/// Adds when it was, a header, and a line for each that is shown; the last one is "other"
/// where there are more, and says how many. Times are in ms, MB are 10^6 bytes. What is not
/// known is "-". Text of others is as in render/table_text.h. Columns are as wide as what
/// is in them, and have a least width, so that one table mostly looks as the next one. Long
/// keys stand last, as what is longest runs over. `width`: that of the terminal, in
/// characters, for distributions.
void append_summary_table(std::string& out, const SummaryReport& report, const SummaryLook& look,
                          std::size_t width);

}  // namespace disksnoop
