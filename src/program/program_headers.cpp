#include "program/program_headers.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>

#include "program/header_tree.h"
#include "program/kernel_headers.h"

namespace disksnoop {
namespace {

MachineFacts machine_facts() {
  utsname kernel = {};
  ::uname(&kernel);
  return {static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), kernel_version_code(kernel.release)};
}

/// What headers are taken: none, the installed ones; else what is to be made.
struct Choice {
  std::optional<HeaderTree> tree;
  std::string description;
};

Result<Choice> headers_of(std::string_view program, const Result<KernelBtf>& btf) {
  if (!btf) return std::unexpected(btf.error());
  const ProgramNeeds needs = needs_of(program);
  const auto types = btf->declare(needs.structs);
  if (!types) return std::unexpected(types.error());
  return Choice{make_header_tree(needs, *types, machine_facts()), "made from the kernel's BTF"};
}

Result<Choice> installed_headers(const Root& root) {
  if (const auto found = find_kernel_headers(root); !found) return std::unexpected(found.error());
  const char* source = std::getenv("BCC_KERNEL_SOURCE");
  return Choice{std::nullopt, source != nullptr ? fmt::format("BCC_KERNEL_SOURCE, {}", source)
                                                : "the installed kernel headers"};
}

Result<Choice> choose_headers(Headers choice, std::string_view program,
                              const Result<KernelBtf>& btf, const Root& root) {
  if (choice == Headers::kBtf) return headers_of(program, btf);
  if (choice == Headers::kKernel || std::getenv("BCC_KERNEL_SOURCE") != nullptr) {
    return installed_headers(root);
  }
  if (btf) return headers_of(program, btf);
  auto installed = installed_headers(root);
  if (installed) return installed;
  const Error& missing = installed.error();
  return std::unexpected(error_with_way_out(
      fmt::format("{}; and {}", btf.error().message, what_of(missing)), ": ", missing.way_out));
}

}  // namespace

BccSession::Source ProgramHeaders::source_of(std::string_view program,
                                             std::vector<std::string> clang_flags) const {
  if (!made) return {program, std::move(clang_flags), std::nullopt};
  const std::vector<std::string>& own = made->clang_flags();
  clang_flags.insert(clang_flags.begin(), own.begin(), own.end());
  return {program, std::move(clang_flags), made->kernel_source()};
}

bool are_made_from_btf(Headers choice, const Result<KernelBtf>& btf) {
  if (choice != Headers::kAuto) return choice == Headers::kBtf;
  return btf.has_value() && std::getenv("BCC_KERNEL_SOURCE") == nullptr;
}

Result<std::string> describe_headers(Headers choice, std::string_view program,
                                     const Result<KernelBtf>& btf, const Root& root) {
  auto chosen = choose_headers(choice, program, btf, root);
  if (!chosen) return std::unexpected(chosen.error());
  if (chosen->tree) {
    if (auto readable = HeaderFiles::check_readable(); !readable) {
      return std::unexpected(readable.error());
    }
  }
  return chosen->description;
}

Result<ProgramHeaders> find_headers(Headers choice, std::string_view program,
                                    const Result<KernelBtf>& btf, const Root& root) {
  const auto chosen = choose_headers(choice, program, btf, root);
  if (!chosen) return std::unexpected(chosen.error());
  if (!chosen->tree) return ProgramHeaders{std::nullopt, chosen->description};
  auto files = HeaderFiles::create(*chosen->tree);
  if (!files) return std::unexpected(files.error());
  return ProgramHeaders{std::move(*files), chosen->description};
}

}  // namespace disksnoop
