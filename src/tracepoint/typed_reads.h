// Whether the program reads the kernel's memory by plain loads (TYPED in bpf_text/common.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "program/kernel_types.h"

namespace disksnoop {

struct TypedReads {
  std::uint32_t function;                ///< bpf_rdonly_cast, by its number in the kernel's BTF
  std::vector<std::string> clang_flags;  ///< with its number, and those of structs
};

/// For what `program` names by AS. Nothing where the kernel does not have the function or one of
/// the structs, and on other machines than x86-64.
std::optional<TypedReads> typed_reads(std::string_view program, const KernelTypes& types);

}  // namespace disksnoop
