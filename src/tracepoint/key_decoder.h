// What a line of a summary stands for, from its key in the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "request/summary.h"
#include "tracepoint/parts.h"

namespace disksnoop {

class KeyDecoder {
 public:
  /// `parts`: of the program, whose keys are in their order.
  KeyDecoder(const std::vector<const Part*>& parts, Columns keys, OperationTable operations)
      : parts_(parts), keys_(std::move(keys)), operations_(operations) {}

  /// A name that was known once stays so for the line of this number, as long as that has the
  /// same key.
  SummaryKey decode(std::uint32_t number, std::span<const std::byte> key);

  /// Takes the path of a file or a cgroup.
  void add_path(std::span<const std::byte> record) { decoding_.paths.add(record); }

 private:
  struct Known {
    std::vector<std::byte> key;
    SummaryKey values;
  };

  std::vector<const Part*> parts_;
  Columns keys_;
  OperationTable operations_;
  Decoding decoding_;
  std::unordered_map<std::uint32_t, Known> known_;
};

}  // namespace disksnoop
