// What is asked of the trace: which requests, and what of them.
#pragma once

#include "request/columns.h"
#include "request/filter.h"

namespace disksnoop {

struct Query {
  Columns columns;  ///< that are shown
  Filter filter;    ///< of the requests
};

}  // namespace disksnoop
