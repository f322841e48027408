// Requests as text: what all formats have in common.
#pragma once

#include <string>

#include "request/request.h"

namespace disksnoop {

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// The line before the first row, with its newline; empty for none.
  virtual std::string header() const = 0;
  /// Adds the row of `request`, with its newline.
  virtual void append(std::string& out, const Request& request) = 0;
};

}  // namespace disksnoop
