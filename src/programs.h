// The BPF programs of bpf_text/, embedded at build time.
#pragma once

#include <string_view>

namespace disksnoop {

extern const std::string_view kOriginalProgram;  ///< bpf_text/disksnoop.c
extern const std::string_view kBlockRqProgram;   ///< bpf_text/block_rq.h and block_rq.c

}  // namespace disksnoop
