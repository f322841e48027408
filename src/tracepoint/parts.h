// The parts of the program block_rq: what each takes, what it needs of the kernel,
// and what of a request it tells.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "program/kernel_types.h"
#include "request/operation.h"
#include "request/request.h"
#include "tracepoint/error_names.h"
#include "tracepoint/paths.h"
#include "tracepoint/program_filter.h"

namespace disksnoop {

/// What a part can ask before it is compiled.
struct PartFacts {
  const KernelTypes* types;  ///< null: the kernel has no BTF
  bool has_private_structs;  ///< those that kernel headers do not show can be compiled too
  ProgramFilter filter = {};
};

/// What decoding a record needs beside it.
struct Decoding {
  std::uint64_t issued_ns = 0;  ///< of this request
  Paths paths = {};
  ErrorNumbers errors = ErrorNumbers::kBlkStatus;
  std::string partition = {};                  ///< holds the name while the request is handed on
  const OperationTable* operations = nullptr;  ///< for what tells a bare operation
};

struct Part {
  enum class Moment {
    kNever,
    kFilter,         ///< tells whether a request by itself is asked for
    kFilterAtIssue,  ///< tells whether it is by what is known at its issue only
    kIssue,          ///< takes its record
    kAfterIssue,     ///< does what other parts asked of it at the issue
    kCompletion,     ///< takes its record
    kKey             ///< takes its part of the key of a summary's line
  };

  std::string_view name;                       ///< of its file in bpf_text/parts/
  std::vector<std::string_view> columns = {};  ///< that cannot be had without it
  std::string_view key = {};  ///< the column whose values a summary's lines stand for by it
  /// Other parts, whose records it may need too: then they stand before it in the table.
  std::vector<std::string_view> needs = {};
  std::vector<std::string_view> needs_with_bios = {};  ///< these too, where bios are traced
  Moment when = Moment::kNever;
  /// It tells the device: where bios are traced it takes its record at the issue, as a bio may
  /// be another device's when it completes.
  bool of_device = false;
  bool only_requests = false;  ///< of a bio it takes nothing: what it tells is not known then
  std::size_t size = 0;        ///< of its record
  /// What the program's text says before it: macros, and structs that are needed.
  /// Error: why this kernel cannot have it.
  Result<std::string> (*prologue)(const PartFacts& facts) = nullptr;
  /// Puts what the record tells into `request`.
  void (*decode)(const std::byte* record, Decoding& decoding, Request& request) = nullptr;
  /// A raw tracepoint of its own, whose function takes a struct of this name first; of
  /// its name with _q, one after a queue. Empty for none.
  std::string_view tracepoint = {};
  std::string_view function = {};
  std::string_view argument = "bio";
  bool hook_of_requests = false;  ///< that tracepoint is for requests alone
  /// The option that asks for it, and whether that was given; of a column none.
  std::string_view option = {};
  bool (*is_asked)(const ProgramFilter& filter) = nullptr;
};

/// When it does what it does, with bios or without them.
Part::Moment moment_of(const Part& part, bool bios);

/// Each after those that it needs.
const std::vector<Part>& parts();

const Part& find_part(std::string_view name);

}  // namespace disksnoop
