#include "tracepoint/record_decoder.h"

#include <cstring>

namespace disksnoop {

Request& RecordDecoder::decode(const std::byte* record) {
  event_t event;
  std::memcpy(&event, record, sizeof(event));
  request_ = Request();
  request_.completed_ns = static_cast<std::int64_t>(event.ts);
  request_.latency_ns = event.delta;
  request_.bytes = event.data_len;
  request_.type = type_of((event.cmd_flags & 1) != 0, event.data_len);
  request_.operation = operations_.operation_of(event.cmd_flags);
  decoding_.issued_ns = event.ts - event.delta;
  const std::byte* at = record + sizeof(event);
  for (const Part* part : parts_) {
    if (part->size == 0 || part->when == Part::Moment::kKey) continue;
    part->decode(at, decoding_, request_);
    at += part->size;
  }
  return request_;
}

}  // namespace disksnoop
