// What --check found, for people.
#pragma once

#include <string>

#include "render/check_report.h"

namespace disksnoop {

/// Adds a line for each finding: its mark (ok, warn, no, or - for what is not known), its
/// subject, the fact; under it the way out; at the end the command to use.
void append_check_table(std::string& out, const CheckReport& report);

}  // namespace disksnoop
