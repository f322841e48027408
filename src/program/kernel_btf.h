// The running kernel's own description of its types (BTF).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "program/kernel_types.h"

struct btf;

namespace disksnoop {

class KernelBtf final : public KernelTypes {
 public:
  /// Parses raw BTF, as in /sys/kernel/btf/vmlinux. Error: no such file (the
  /// kernel was built without CONFIG_DEBUG_INFO_BTF), or not valid BTF.
  static Result<KernelBtf> load(const std::filesystem::path& path);

  /// C declarations of the structs and of all that they contain, as libbpf's
  /// btf_dump writes them, in a child process. Error: a struct that this kernel does not have; BTF
  /// that is damaged.
  Result<std::string> declare(const std::vector<std::string>& structs) const;

  std::optional<MemberPlace> find_member(std::string_view struct_name,
                                         std::string_view member) const override;
  std::optional<std::uint64_t> enumerator(std::string_view enum_name,
                                          std::string_view name) const override;
  std::optional<std::uint32_t> struct_number(std::string_view name) const override;
  std::optional<std::uint32_t> function_number(std::string_view name) const override;
  /// /sys/kernel/btf has a file for each module that is loaded, beside that of the kernel.
  const KernelTypes* module(std::string_view name) const override;
  /// From the prototype of its typedef btf_trace_NAME (include/trace/bpf_probe.h),
  /// without the leading void *.
  TracepointArguments raw_tracepoint_arguments(std::string_view name) const override;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  std::optional<std::uint32_t> find(std::string_view name, std::uint32_t kind) const;
  KernelBtf(btf* types, std::filesystem::path path) : path_(std::move(path)), types_(types) {}

  std::filesystem::path path_;
  std::unique_ptr<btf, Free> types_;
  /// Those that were asked for; gone before the types that they build on.
  mutable std::map<std::string, std::unique_ptr<KernelBtf>, std::less<>> modules_;
};

}  // namespace disksnoop
