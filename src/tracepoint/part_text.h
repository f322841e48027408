// What the parts of the program write before their text, as the kernel's BTF has it.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "program/kernel_types.h"

namespace disksnoop {

inline const Error kNoBtf = {"this kernel has no BTF"};

inline Error not_in_btf(std::string_view what) {
  return {fmt::format("the kernel's BTF has no {}", what)};
}

/// The first of these members that the struct has.
inline Result<std::string_view> first_member(const KernelTypes& types, std::string_view struct_name,
                                             std::initializer_list<std::string_view> members) {
  for (const std::string_view member : members) {
    if (types.find_member(struct_name, member)) return member;
  }
  return std::unexpected(not_in_btf(fmt::format("{}.{}", struct_name, *members.begin())));
}

}  // namespace disksnoop
