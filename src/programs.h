// The BPF programs of bpf_text/, embedded at build time.
#pragma once

#include <string_view>
#include <vector>

namespace disksnoop {

extern const std::string_view kOriginalProgram;      ///< bpf_text/disksnoop.c
extern const std::string_view kBlockRqRecords;       ///< bpf_text/block_rq.h
extern const std::string_view kBlockRqCommon;        ///< bpf_text/common.h
extern const std::string_view kBlockRqIssued;        ///< bpf_text/issued.h
extern const std::string_view kBlockRqIssuedEither;  ///< bpf_text/issued_either.h
extern const std::string_view kBlockRqInFlight;      ///< bpf_text/in_flight.h
extern const std::string_view kBlockRqEvents;        ///< bpf_text/events.h
extern const std::string_view kBlockRqRows;          ///< bpf_text/rows.h
extern const std::string_view kBlockRqBuckets;       ///< bpf_text/buckets.h
extern const std::string_view kBlockRqSummary;       ///< bpf_text/summary.h
extern const std::string_view kBlockRqBody;          ///< bpf_text/block_rq.c
extern const std::string_view kBlockBioRecords;      ///< bpf_text/block_bio.h
extern const std::string_view kBlockBioBody;         ///< bpf_text/block_bio.c

/// A file of bpf_text/parts/.
struct ProgramPart {
  std::string_view name;
  std::string_view text;
};
extern const std::vector<ProgramPart> kProgramParts;

}  // namespace disksnoop
