// Which parts a query needs, and the program that they make.
#pragma once

#include <optional>
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
  std::vector<Hook> hooks;            ///< beside those of requests
  bool requests = true;               ///< are traced
  bool bios = false;                  ///< are traced, of devices without requests
  std::vector<std::string> warnings;  ///< columns that cannot be had, with the reason
  ErrorNumbers errors = ErrorNumbers::kBlkStatus;

  bool has_events = false;  ///< records go through the buffer

  /// Of what is kept of an issued request, of what is sent of a completed one, and of what a
  /// line of a summary stands for.
  std::size_t entry_size() const;
  std::size_t record_size() const;
  std::size_t key_size() const;

  /// Whether it tells the disk of a request in flight.
  bool tells_disk() const;
};

/// A program that sends rows with these columns, if there are any, and counts requests in
/// lines that stand for values of `summary_keys`, if there are any. Error: a filter that
/// cannot be had here, by its option.
Result<ProgramConfig> configure_program(const Columns& columns, const PartFacts& facts,
                                        const Columns& summary_keys = {});

/// Why rows cannot have this column here; none if they can.
std::optional<std::string> why_missing(const Column& column, const PartFacts& facts);

/// The plan, of requests, with the hooks of the program: those where what is traced begins stay
/// the last ones.
ProbePlan with_hooks(ProbePlan plan, const ProgramConfig& config);

}  // namespace disksnoop
