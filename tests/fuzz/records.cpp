// Records of the ring with any bytes: requests, keys of summaries and paths that can be shown.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "render/json_writer.h"
#include "render/table_writer.h"
#include "tracepoint/key_decoder.h"
#include "tracepoint/record_decoder.h"

namespace disksnoop {
namespace {

using Bytes = std::vector<std::byte>;

/// The bytes of an input, one after the other; zeroes when there are no more.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : bytes_(std::as_bytes(std::span(data, size))) {}

  bool empty() const { return bytes_.empty(); }

  /// Memory of its own, so that what is read beyond it is found.
  Bytes take(std::size_t size) {
    Bytes taken(size);
    const std::size_t there = std::min(size, bytes_.size());
    std::copy_n(bytes_.begin(), there, taken.begin());
    bytes_ = bytes_.subspan(there);
    return taken;
  }

  std::uint32_t number() {
    const Bytes bytes = take(sizeof(std::uint32_t));
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof(value));
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

/// Those of whose records `wanted` has the bit, with those that they need, in their order.
std::vector<const Part*> parts_of(std::uint32_t wanted, bool are_keys) {
  std::vector<const Part*> chosen;
  std::uint32_t bit = 1;
  for (auto part = parts().rbegin(); part != parts().rend(); ++part) {
    const bool is_key = part->when == Part::Moment::kKey;
    if (part->size == 0 || is_key != are_keys) continue;
    const bool is_needed = std::ranges::any_of(chosen, [&](const Part* other) {
      return std::ranges::find(other->needs, part->name) != other->needs.end();
    });
    if ((wanted & bit) != 0 || is_needed) chosen.insert(chosen.begin(), &*part);
    bit <<= 1;
  }
  return chosen;
}

std::size_t size_of(const std::vector<const Part*>& chosen) {
  std::size_t size = 0;
  for (const Part* part : chosen) size += part->size;
  return size;
}

void check_shown(const Request& request) {
  std::string table;
  TableWriter(all_columns(), {}).append(table, request);
  const std::string_view row = std::string_view(table).substr(0, table.size() - 1);
  require(table.ends_with('\n') && is_fit(row), "a row of the table is fit to be shown", table);
  std::vector<std::string_view> words(all_columns().size());
  require(split_bytes(row, words), "a row has as many words as columns", table);
  std::string json;
  JsonWriter(all_columns(), {}).append(json, request);
  require(is_fit(std::string_view(json).substr(0, json.size() - 1)), "JSON is fit", json);
  require(nlohmann::json::accept(json), "a row is JSON", json);
}

void check_path(const Bytes& record) {
  const std::string path = path_of(record);
  if (path.empty()) return;
  require(path.starts_with('/') || path.starts_with(".../"), "a path begins with a slash", path);
  require(!path.contains('\0') && path.size() <= 2 * record.size() + 16, "a path is names", path);
}

void check_keys(Input& input) {
  const auto chosen = parts_of(input.number(), true);
  Columns columns;
  for (const Part* part : chosen) columns.push_back(find_column(part->key));
  KeyDecoder decoder(chosen, columns, OperationTable());
  decoder.add_path(input.take(input.number() % 128));
  const Bytes key = input.take(size_of(chosen));
  const SummaryKey first = decoder.decode(1, key);
  require(first.size() == columns.size(), "a key has a value for each column");
  require(decoder.decode(1, key) == first, "a key has the same values again");
}

void check_records(Input& input) {
  const auto chosen = parts_of(input.number(), false);
  const auto errors = static_cast<ErrorNumbers>(input.number() % 3);
  RecordDecoder decoder(chosen, errors, OperationTable());
  const std::size_t size = sizeof(event_t) + size_of(chosen);
  while (!input.empty()) {
    const Bytes path = input.take(input.number() % 128);
    check_path(path);
    decoder.add_path(path);
    const Bytes record = input.take(size);
    const Request& request = decoder.decode(record.data());
    require(request.completed_ns && request.latency_ns && request.bytes && request.operation,
            "a record tells a request");
    check_shown(request);
  }
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  Input input(data, size);
  check_keys(input);
  check_records(input);
  return 0;
}
