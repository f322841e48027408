// What is asked of the trace: which requests, and what of them.
#pragma once

#include "request/columns.h"
#include "request/filter.h"

namespace disksnoop {

struct Query {
  Columns columns;            ///< that are shown; none for a summary
  Filter filter;              ///< of the requests
  Columns summary_keys = {};  ///< what a line of the summary stands for
};

}  // namespace disksnoop
