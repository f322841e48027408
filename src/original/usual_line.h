// The line that nearly every line of a stream is, in one pass.
#pragma once

#include <string_view>

#include "original/trace_line.h"

namespace disksnoop {

/// Reads `raw` into `line` if it is a row as the kernel and the program write
/// it (kernel/trace/trace_output.c, trace_print_context):
///
///              fio-421     [001] d.h41   114.617987: bpf_trace_printk: 16384 80700 2367
///
/// False, for any other line: it is to be read as Python reads it. What is read
/// here is the same in both dialects, and the same as parse_trace_line() has.
bool read_usual_line(std::string_view raw, TraceLine& line);

}  // namespace disksnoop
