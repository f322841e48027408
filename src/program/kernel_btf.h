// The running kernel's own description of its types (BTF).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct btf;

namespace disksnoop {

/// Place of a member in its struct.
struct MemberPlace {
  std::uint32_t offset;  ///< bytes
  std::uint32_t size;    ///< bytes
};

class KernelBtf {
 public:
  /// Parses raw BTF, as in /sys/kernel/btf/vmlinux. Error: no such file (the
  /// kernel was built without CONFIG_DEBUG_INFO_BTF), or not valid BTF.
  static Result<KernelBtf> load(const std::filesystem::path& path);

  /// C declarations of the structs and of all that they contain, as libbpf's
  /// btf_dump writes them. Error: a struct that this kernel does not have.
  Result<std::string> declare(const std::vector<std::string>& structs) const;

  /// Where a member of a struct lies, also one of an anonymous struct or union
  /// inside it; nothing if there is none.
  std::optional<MemberPlace> find_member(std::string_view struct_name,
                                         std::string_view member) const;

  /// The arguments of a raw tracepoint, from the prototype of its typedef
  /// btf_trace_NAME (include/trace/bpf_probe.h) without the leading void *:
  /// the name of the struct that each points to, or "" for anything else.
  std::optional<std::vector<std::string>> raw_tracepoint_arguments(std::string_view name) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  explicit KernelBtf(btf* types) : types_(types) {}
  std::unique_ptr<btf, Free> types_;
};

}  // namespace disksnoop
