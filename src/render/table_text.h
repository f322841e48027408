// Text in a table: that of others, and its place in a column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "request/columns.h"

namespace disksnoop {

/// Adds text of others, escaped; its blanks too unless it is in the last column, so that
/// a row has as many words as there are columns.
void append_text(std::string& out, std::string_view text, bool is_last);

/// Fills up what stands in `out` from `begin` on to `width` characters. What is longer
/// stays; no blanks follow what is last.
void fill_up(std::string& out, std::size_t begin, std::size_t width, Align align, bool is_last);

}  // namespace disksnoop
