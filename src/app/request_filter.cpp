#include "app/request_filter.h"

#include <fmt/format.h>

namespace disksnoop {

bool RequestFilter::takes(const Request& request) {
  if (!filter_ || fits(request, *filter_)) return true;
  ++filtered_;
  return false;
}

void RequestFilter::report(const Log& log) const {
  if (filter_) log.detail(fmt::format("{} filtered", filtered_));
}

}  // namespace disksnoop
