// A summary as JSON, an object a line.
#pragma once

#include <string>

#include "render/summary_look.h"
#include "request/summary.h"

namespace disksnoop {

/// docs/summary.schema.json describes them: each line that the table has, with all of its
/// buckets and sums, so that summaries can be added exactly. Text is as render/json_text.h
/// writes it.
void append_summary_json(std::string& out, const SummaryReport& report, const SummaryLook& look);

}  // namespace disksnoop
