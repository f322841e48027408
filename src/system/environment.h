// Who may tell this process anything by environment variables.
#pragma once

#include <string_view>

namespace disksnoop {

/// Whether this process has more rights than the one that started it (AT_SECURE:
/// the file has capabilities or a set-user-ID bit). Its environment is then
/// empty, and was so before any library's constructor ran: libbcc and clang
/// take from theirs what they compile (BCC_KERNEL_SOURCE, CPATH, ARCH, …), and
/// with that the caller would choose what the kernel's memory is read for.
bool has_more_rights_than_caller();

/// What is told where that is so.
constexpr std::string_view kMoreRightsThanCaller =
    "more rights than the caller's: environment variables are not listened to";

}  // namespace disksnoop
