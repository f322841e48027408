// A record of the program block_rq as a request.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "block_rq.h"
#include "request/operation.h"
#include "request/request.h"
#include "tracepoint/parts.h"

namespace disksnoop {

class RecordDecoder {
 public:
  /// The parts whose records follow that of the event, in their order.
  RecordDecoder(const std::vector<const Part*>& parts, ErrorNumbers errors,
                OperationTable operations)
      : parts_(parts), operations_(operations) {
    decoding_.errors = errors;
  }

  /// The request of a record; its texts are valid until the next call.
  Request& decode(const std::byte* record);

  /// Takes the path of a file or a cgroup.
  void add_path(std::span<const std::byte> record) { decoding_.paths.add(record); }

 private:
  std::vector<const Part*> parts_;
  OperationTable operations_;
  Decoding decoding_;
  Request request_;
};

}  // namespace disksnoop
