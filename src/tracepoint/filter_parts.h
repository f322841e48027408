// What goes before the parts of the program that filter.
#pragma once

#include <string>

#include "base/error.h"
#include "tracepoint/parts.h"

namespace disksnoop {

/// As Part::prologue.
Result<std::string> operation_filter_prologue(const PartFacts& facts);
Result<std::string> verdict_prologue(const PartFacts& facts);
Result<std::string> disk_filter_prologue(const PartFacts& facts);
Result<std::string> bio_device_prologue(const PartFacts& facts);
Result<std::string> process_filter_prologue(const PartFacts& facts);
Result<std::string> task_prologue(const PartFacts& facts);
Result<std::string> process_end_prologue(const PartFacts& facts);

}  // namespace disksnoop
