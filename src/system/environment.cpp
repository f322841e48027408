#include "system/environment.h"

#include <sys/auxv.h>

namespace disksnoop {
namespace {

void empty_environment(int /*argc*/, char** /*argv*/, char** environment) {
  if (has_more_rights_than_caller()) environment[0] = nullptr;
}

/// What stands in this section runs before the constructors of all libraries
/// (ELF, DT_PREINIT_ARRAY; glibc gives it the arguments of main).
[[gnu::section(".preinit_array"), gnu::used]] void (*const kFirst)(int, char**,
                                                                   char**) = empty_environment;

}  // namespace

bool has_more_rights_than_caller() { return ::getauxval(AT_SECURE) != 0; }

}  // namespace disksnoop
