// What --check found, for machines.
#pragma once

#include <string>

#include "render/check_report.h"

namespace disksnoop {

/// Adds it as one object in one line, as docs/check.schema.json describes it.
void append_check_json(std::string& out, const CheckReport& report);

}  // namespace disksnoop
