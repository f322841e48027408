// Which parts a query needs, and the program that they make.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "program/probe_plan.h"
#include "request/query.h"
#include "tracepoint/parts.h"

namespace disksnoop {

struct ProgramConfig {
  std::vector<const Part*> parts;     ///< in the order of their records in an event
  std::string text;                   ///< the whole program
  std::vector<Hook> hooks;            ///< beside those of the plan
  std::vector<std::string> warnings;  ///< columns that cannot be had, with the reason
  ErrorNumbers errors = ErrorNumbers::kBlkStatus;

  /// Of what is kept of an issued request, and of what is sent of a completed one.
  std::size_t entry_size() const;
  std::size_t record_size() const;
};

/// Error: a filter that cannot be had here, by its option.
Result<ProgramConfig> configure_program(const Columns& columns, const PartFacts& facts);

/// The plan with the hooks of the parts: before that of the issue, which stays the last.
ProbePlan with_hooks(ProbePlan plan, const std::vector<Hook>& hooks);

}  // namespace disksnoop
