// What options ask for together: which exclude each other, and which engine
// the others need. All rules between options are here.
#pragma once

#include <set>
#include <string>

#include "app/options.h"
#include "base/error.h"

namespace disksnoop {

/// The long names of the options on a command line: "--disk".
using GivenOptions = std::set<std::string>;

/// The options as they are carried out: with the engine that the others need,
/// where none was asked for. Error: two of them that cannot be had together, by
/// their names. `given` also has those whose value is the default.
Result<Options> apply_option_rules(Options options, const GivenOptions& given);

}  // namespace disksnoop
