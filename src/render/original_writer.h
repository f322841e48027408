// Requests as the rows of disksnoop.py.
#pragma once

#include "render/format.h"

namespace disksnoop {

class OriginalWriter final : public RowWriter {
 public:
  OriginalWriter(Dialect dialect, TimeOrigin origin) : dialect_(dialect), origin_(origin) {}

  std::string header() const override { return std::string(original_header()); }
  /// What it does not have (a row that was recorded without it) is 0, as
  /// disksnoop.py has no sign for that.
  void append(std::string& out, const Request& request) override;

 private:
  Dialect dialect_;
  TimeOrigin origin_;
};

}  // namespace disksnoop
