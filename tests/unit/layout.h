// Checks of struct layouts, made by clang as it compiles a program.
#pragma once

#include <fmt/format.h>

#include <string>

#include "program/kernel_btf.h"

namespace disksnoop {

struct Field {
  const char* in_struct;
  const char* name;
};

/// C code that does not compile unless the field lies at `place`.
inline std::string assertion(const Field& field, const MemberPlace& place) {
  return fmt::format(
      "_Static_assert(__builtin_offsetof(struct {0}, {1}) == {2}, \"offset of {0}.{1}\");\n"
      "_Static_assert(sizeof(((struct {0} *)0)->{1}) == {3}, \"size of {0}.{1}\");\n",
      field.in_struct, field.name, place.offset, place.size);
}

}  // namespace disksnoop
