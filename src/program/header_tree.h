// The header files that libbcc needs to compile a program, as text: instead
// of the kernel's own headers, a few small files around the types that the
// running kernel describes in its BTF.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

/// What a program asks of the kernel's headers.
struct ProgramNeeds {
  std::vector<std::string> includes;  ///< `linux/blk-mq.h` of each #include <...>
  std::vector<std::string> structs;   ///< `request` of each `struct request`
};

/// Reads the needs off the program's text: its #include lines, and each struct
/// that it names and does not define itself.
ProgramNeeds needs_of(std::string_view program);

/// What the tree says of the machine beside its types.
struct MachineFacts {
  std::uint64_t page_size;       ///< bytes
  std::uint32_t kernel_version;  ///< KERNEL_VERSION(a, b, c)
};

/// Path below the tree's root -> content.
using HeaderTree = std::map<std::string, std::string>;

/// The tree that libbcc (0.26 to 0.37) takes for the kernel's source tree:
/// what src/cc/export/helpers.h and the command line of
/// src/cc/frontends/clang/kbuild_helper.cc include, and the program's own
/// includes, each of which gives `types` (C declarations).
HeaderTree make_header_tree(const ProgramNeeds& needs, std::string_view types,
                            const MachineFacts& machine);

/// KERNEL_VERSION of a release such as "6.1.0-50-amd64"; 0 if it has none.
std::uint32_t kernel_version_code(std::string_view release);

}  // namespace disksnoop
