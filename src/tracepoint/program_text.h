// The text of a program, of the parts that a query needs and what joins them.
#pragma once

#include <string>
#include <vector>

#include "tracepoint/parts.h"
#include "tracepoint/program_config.h"

namespace disksnoop {

/// What becomes of a completed request.
struct Delivery {
  bool rows;     ///< a record is sent
  bool summary;  ///< it is counted in a line
};

/// The whole program of the parts of `config`, before which stand these `prologues`.
std::string program_text(const ProgramConfig& config, const std::vector<std::string>& prologues,
                         const Delivery& delivery, const PartFacts& facts);

}  // namespace disksnoop
