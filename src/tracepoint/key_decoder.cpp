#include "tracepoint/key_decoder.h"

#include <algorithm>
#include <variant>

namespace disksnoop {

SummaryKey KeyDecoder::decode(std::uint32_t number, std::span<const std::byte> key) {
  Request request;
  decoding_.operations = &operations_;
  const std::byte* at = key.data();
  for (const Part* part : parts_) {
    if (part->when != Part::Moment::kKey) continue;
    part->decode(at, decoding_, request);
    at += part->size;
  }
  SummaryKey values = summary_key(request, keys_);
  Known& known = known_[number];
  if (std::ranges::equal(known.key, key)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<std::monostate>(values[i])) values[i] = known.values[i];
    }
  }
  known = {{key.begin(), key.end()}, values};
  return values;
}

}  // namespace disksnoop
