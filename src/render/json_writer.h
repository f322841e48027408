// Requests as JSON, an object a line.
#pragma once

#include <string>
#include <vector>

#include "render/format.h"

namespace disksnoop {

/// The columns where none are asked for: the wide ones and the type.
const Columns& json_columns();

/// What stands before the value of a column: `{"bytes":` or `,"bytes":`.
std::string json_key(const Column& column, bool is_first);

/// docs/rows.schema.json describes them. What is not known is null. Text is as
/// render/json_text.h writes it.
class JsonWriter final : public RowWriter {
 public:
  JsonWriter(const Columns& columns, TimeOrigin origin);

  std::string header() const override { return ""; }
  void append(std::string& out, const Request& request) override;

 private:
  struct Member {
    const Column* column;
    std::string before;  ///< what stands before its value
  };

  std::vector<Member> members_;
  TimeOrigin origin_;
};

}  // namespace disksnoop
