// What is asked of the trace: which requests, and what of them.
#pragma once

#include <optional>
#include <string>

#include "request/columns.h"

namespace disksnoop {

struct Query {
  Columns columns;                  ///< that are shown
  std::optional<std::string> disk;  ///< only requests of this one, as a user calls it
};

}  // namespace disksnoop
