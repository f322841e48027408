// Requests as a table of chosen columns.
#pragma once

#include "render/format.h"

namespace disksnoop {

/// Each column has its width; what is longer moves what follows, and the last one
/// runs over. What is not known is "-". Text of others is escaped, its blanks too
/// unless it is the last column: a row has as many words as there are columns.
class TableWriter final : public RowWriter {
 public:
  TableWriter(Columns columns, TimeOrigin origin) : columns_(std::move(columns)), origin_(origin) {}

  std::string header() const override;
  void append(std::string& out, const Request& request) override;

 private:
  Columns columns_;
  TimeOrigin origin_;
};

}  // namespace disksnoop
