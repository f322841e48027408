// What --check concludes.
#pragma once

#include <optional>
#include <string>

#include "app/check_facts.h"
#include "base/error.h"

namespace disksnoop {

/// Whether it is there, as far as is seen.
Result<void> check_tracepoint(const TracepointFact& tracepoint);

/// Whether a plain `disksnoop` works; else the first thing in its way, which is what it would say
/// itself.
Result<void> find_obstacle(const CheckFacts& facts);

/// The command that works here as far as is known, where `obstacle` is what find_obstacle() gives;
/// none where something has to change first.
std::optional<std::string> choose_command(const CheckFacts& facts, const Result<void>& obstacle);

}  // namespace disksnoop
