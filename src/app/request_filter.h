// Of requests that are read, those that were asked for.
#pragma once

#include <cstdint>
#include <optional>

#include "request/filter.h"
#include "system/log.h"

namespace disksnoop {

class RequestFilter {
 public:
  /// From now on only what fits is taken; without it all is.
  void filter_by(const Filter& filter) { filter_ = filter; }
  bool is_set() const { return filter_.has_value(); }

  /// False, and counted, if it is filtered.
  bool takes(const Request& request);

  /// With --verbose, one line on how many were filtered; nothing without a filter.
  void report(const Log& log) const;

 private:
  std::optional<Filter> filter_;
  std::uint64_t filtered_ = 0;
};

}  // namespace disksnoop
