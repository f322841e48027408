// What is shown of a summary: what all of its formats have in common.
#pragma once

#include <cstddef>

#include "request/columns.h"

namespace disksnoop {

struct SummaryLook {
  Columns keys;                 ///< those that the summary was made with
  std::size_t most_lines = 20;  ///< what is beyond them is told together, in one line more
  bool distributions = false;   ///< under each line of the table, how its times are spread
  bool follows = false;         ///< there is a table before this one
};

}  // namespace disksnoop
