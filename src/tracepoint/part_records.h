// What the records of the program's parts tell of a request.
#pragma once

#include <cstddef>

#include "tracepoint/parts.h"

namespace disksnoop {

/// Each puts into `request` what the record at `record` tells, which a part of that name
/// took. Texts are valid as long as the record and `decoding`.
using DecodePart = void (*)(const std::byte* record, Decoding& decoding, Request& request);

void decode_queue(const std::byte* record, Decoding& decoding, Request& request);
void decode_sector(const std::byte* record, Decoding& decoding, Request& request);
void decode_disk(const std::byte* record, Decoding& decoding, Request& request);
void decode_partition(const std::byte* record, Decoding& decoding, Request& request);
void decode_error(const std::byte* record, Decoding& decoding, Request& request);
void decode_pattern(const std::byte* record, Decoding& decoding, Request& request);
void decode_submitter(const std::byte* record, Decoding& decoding, Request& request);
void decode_cgroup(const std::byte* record, Decoding& decoding, Request& request);
void decode_file(const std::byte* record, Decoding& decoding, Request& request);
void decode_by_op(const std::byte* record, Decoding& decoding, Request& request);
void decode_by_comm(const std::byte* record, Decoding& decoding, Request& request);
void decode_by_pid(const std::byte* record, Decoding& decoding, Request& request);

}  // namespace disksnoop
