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

Result<ProgramHeaders> make_headers(std::string_view program, const Result<KernelBtf>& btf) {
  if (!btf) return std::unexpected(btf.error());
  const ProgramNeeds needs = needs_of(program);
  const auto types = btf->declare(needs.structs);
  if (!types) return std::unexpected(types.error());
  auto files = HeaderFiles::create(make_header_tree(needs, *types, machine_facts()));
  if (!files) return std::unexpected(files.error());
  return ProgramHeaders{std::move(*files), "made from the kernel's BTF"};
}

Result<ProgramHeaders> installed_headers(const Root& root) {
  if (const auto found = check_kernel_headers(root); !found) return std::unexpected(found.error());
  const char* source = std::getenv("BCC_KERNEL_SOURCE");
  return ProgramHeaders{std::nullopt, source != nullptr
                                          ? fmt::format("BCC_KERNEL_SOURCE, {}", source)
                                          : "the installed kernel headers"};
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

Result<ProgramHeaders> find_headers(Headers choice, std::string_view program,
                                    const Result<KernelBtf>& btf, const Root& root) {
  if (choice == Headers::kBtf) return make_headers(program, btf);
  if (choice == Headers::kKernel || std::getenv("BCC_KERNEL_SOURCE") != nullptr) {
    return installed_headers(root);
  }
  if (btf) return make_headers(program, btf);
  auto installed = installed_headers(root);
  if (installed) return installed;
  return fail(fmt::format("{}; and {}", btf.error().message, installed.error().message));
}

}  // namespace disksnoop
