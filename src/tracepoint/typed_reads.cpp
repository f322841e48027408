#include "tracepoint/typed_reads.h"

#include <fmt/format.h>

#include <set>

namespace disksnoop {
namespace {

/// A load from an address of user space, which what is no pointer may be, gives 0 on x86 by a test
/// of the JIT's; elsewhere only since about 6.9 (do_misc_fixups() in kernel/bpf/verifier.c).
#ifdef __x86_64__
constexpr bool kIsSafeHere = true;
#else
constexpr bool kIsSafeHere = false;
#endif

/// The structs that AS is told of, where it is used; not where it is defined, and not a name that
/// ends as it does.
std::set<std::string_view> types_named(std::string_view program) {
  constexpr std::string_view kAs = "AS(";
  std::set<std::string_view> names;
  for (std::size_t at = 0; (at = program.find(kAs, at)) != std::string_view::npos;) {
    const std::string_view before = program.substr(0, at);
    at += kAs.size();
    if (before.ends_with("#define ") || before.ends_with('_')) continue;
    names.insert(program.substr(at, program.find(',', at) - at));
  }
  return names;
}

}  // namespace

std::optional<TypedReads> typed_reads(std::string_view program, const KernelTypes& types) {
  const auto function = types.function_number("bpf_rdonly_cast");
  if (!function || !kIsSafeHere) return std::nullopt;
  TypedReads reads{*function, {fmt::format("-DTYPED={}", *function)}};
  for (const std::string_view name : types_named(program)) {
    const auto number = types.struct_number(name);
    if (!number) return std::nullopt;
    reads.clang_flags.push_back(fmt::format("-DTYPE_{}={}", name, *number));
  }
  return reads;
}

}  // namespace disksnoop
