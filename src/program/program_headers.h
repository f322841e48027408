// Which struct layouts a program is compiled with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "program/bcc_session.h"
#include "program/header_files.h"
#include "program/kernel_btf.h"
#include "system/files.h"

namespace disksnoop {

/// Where struct layouts come from.
enum class Headers { kAuto, kBtf, kKernel };

/// Headers to compile one program with; made ones are gone with this object.
struct ProgramHeaders {
  std::optional<HeaderFiles> made;  ///< none: the installed kernel headers
  std::string description;          ///< for --verbose

  /// `program`, to be compiled with them and with `clang_flags`.
  BccSession::Source source_of(std::string_view program,
                               std::vector<std::string> clang_flags = {}) const;
};

/// Whether find_headers() makes them from BTF.
bool are_made_from_btf(Headers choice, const Result<KernelBtf>& btf);

/// What find_headers() takes, as its description says it, or its error; no file is made.
Result<std::string> describe_headers(Headers choice, std::string_view program,
                                     const Result<KernelBtf>& btf, const Root& root);

/// kBtf: made from `btf` for what `program` needs; kKernel: the installed
/// ones; kAuto: a BCC_KERNEL_SOURCE that the user has set, else BTF, else the
/// installed ones. Error: what is missing, and for kAuto both ways out.
Result<ProgramHeaders> find_headers(Headers choice, std::string_view program,
                                    const Result<KernelBtf>& btf, const Root& root);

}  // namespace disksnoop
