// What stands above a panel of a picture, as XML.
#pragma once

#include <string>

#include "request/columns.h"
#include "request/summary.h"

namespace disksnoop {

struct PanelTitle {
  std::string shown;  ///< in at most kMostOfTitle characters, if it has no more than two texts
  std::string whole;  ///< with the names of the columns
};

constexpr std::size_t kMostOfTitle = 60;

/// "sda R"; what is not known is "-". Long texts lose their beginnings.
PanelTitle panel_title(const SummaryKey& key, const Columns& keys);

/// "other, 12 lines".
PanelTitle others_title(const SummaryTop& top);

}  // namespace disksnoop
