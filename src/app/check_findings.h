// What --check makes of what it sees.
#pragma once

#include <vector>

#include "app/check_facts.h"
#include "render/check_report.h"

namespace disksnoop {

/// A finding for each thing that was looked at, and which engine is taken, in the order in which
/// they are read.
CheckReport make_check_report(const CheckFacts& facts);

}  // namespace disksnoop
