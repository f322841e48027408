#include "program/kernel_btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "system/child_text.h"

namespace disksnoop {
namespace {

std::string_view name_at(const btf* types, std::uint32_t offset) {
  const char* name = btf__name_by_offset(types, offset);
  return name != nullptr ? name : "";
}

/// The type behind typedefs, const, volatile and the like; null also where they lead in a circle,
/// as nothing but damaged BTF does.
const btf_type* resolve(const btf* types, std::uint32_t id, std::uint32_t* resolved = nullptr) {
  constexpr int kMost = 32;
  const btf_type* type = btf__type_by_id(types, id);
  for (int i = 0; type != nullptr; ++i) {
    if (!btf_is_mod(type) && !btf_is_typedef(type) && !btf_is_type_tag(type)) break;
    id = type->type;
    type = i < kMost ? btf__type_by_id(types, id) : nullptr;
  }
  if (resolved != nullptr) *resolved = id;
  return type;
}

/// `left`: how many members may be looked at; damaged BTF can have a struct in itself.
std::optional<MemberPlace> find_in(const btf* types, const btf_type* composite,
                                   std::string_view wanted, int& left) {
  const btf_member* members = btf_members(composite);
  for (std::uint32_t i = 0; i < btf_vlen(composite) && left-- > 0; ++i) {
    const std::string_view name = name_at(types, members[i].name_off);
    const std::uint32_t offset = btf_member_bit_offset(composite, i) / 8;
    std::uint32_t id = 0;
    const btf_type* type = resolve(types, members[i].type, &id);
    if (type == nullptr) continue;
    if (name.empty() && btf_is_composite(type)) {
      if (const auto inner = find_in(types, type, wanted, left)) {
        return MemberPlace{offset + inner->offset, inner->size};
      }
    }
    if (name.empty() || name != wanted) continue;
    const std::int64_t size = btf__resolve_size(types, id);
    if (size < 0) return std::nullopt;
    return MemberPlace{offset, static_cast<std::uint32_t>(size)};
  }
  return std::nullopt;
}

/// The name of the struct that a parameter points to, else of its own type, or "".
std::string name_of_argument(const btf* types, std::uint32_t id) {
  const btf_type* type = resolve(types, id);
  if (type == nullptr) return "";
  if (!btf_is_ptr(type)) return std::string(name_at(types, btf__type_by_id(types, id)->name_off));
  const btf_type* target = resolve(types, type->type);
  if (target == nullptr || !btf_is_struct(target)) return "";
  return std::string(name_at(types, target->name_off));
}

/// For libbpf, in the child alone: it ends there if the text has no end, as libbpf cannot be told
/// to stop. The declarations that programs need have some ten thousand letters.
void append_formatted(void* data, const char* format, va_list arguments) {
  constexpr std::size_t kMost = std::size_t{4} << 20;
  auto& text = *static_cast<std::string*>(data);
  char* piece = nullptr;
  const int length = ::vasprintf(&piece, format, arguments);
  if (length < 0 || text.size() > kMost) std::_Exit(1);
  text.append(piece, static_cast<std::size_t>(length));
  std::free(piece);
}

Result<std::string> write_out(const btf* types, const std::vector<std::string>& structs) {
  std::string text;
  btf_dump* dump = btf_dump__new(types, append_formatted, &text, nullptr);
  if (dump == nullptr) return fail(std::strerror(errno));
  const std::unique_ptr<btf_dump, decltype(&btf_dump__free)> owned(dump, btf_dump__free);
  for (const std::string& name : structs) {
    const std::int32_t id = btf__find_by_name_kind(types, name.c_str(), BTF_KIND_STRUCT);
    const int error = btf_dump__dump_type(dump, static_cast<std::uint32_t>(id));
    if (error != 0) return fail(fmt::format("struct {}: {}", name, std::strerror(-error)));
  }
  return text;
}

/// libbpf checks where the types begin behind the header, and not the header's length.
bool is_aligned(const btf* types) {
  std::uint32_t size = 0;
  const auto* header = static_cast<const btf_header*>(btf__raw_data(types, &size));
  return header != nullptr && header->hdr_len % alignof(btf_type) == 0;
}

}  // namespace

void KernelBtf::Free::operator()(btf* types) const { btf__free(types); }

Result<KernelBtf> KernelBtf::load(const std::filesystem::path& path) {
  libbpf_set_print(nullptr);  // what it would print is in the error below
  btf* types = btf__parse_raw(path.c_str());
  if (types == nullptr) {
    const int error = errno;
    if (error == ENOENT) {
      return fail(fmt::format("this kernel has no BTF ({} is missing)", path.string()));
    }
    return fail(fmt::format("cannot use the BTF in {}: {}", path.string(), std::strerror(error)));
  }
  KernelBtf loaded(types, path);
  if (!is_aligned(types)) {
    return fail(fmt::format("cannot use the BTF in {}: its types are not aligned", path.string()));
  }
  return loaded;
}

Result<std::string> KernelBtf::declare(const std::vector<std::string>& structs) const {
  for (const std::string& name : structs) {
    if (!struct_number(name)) return fail(fmt::format("the kernel's BTF has no struct {}", name));
  }
  // libbpf takes for granted that what BTF refers to is there, and dies or goes on for ever where
  // it is not.
  constexpr unsigned kMostCpuSeconds = 3;
  auto text = text_of_child([&] { return write_out(types_.get(), structs); }, kMostCpuSeconds);
  if (text) return text;
  return std::unexpected(
      error_with_way_out(fmt::format("cannot write out the BTF in {}, which may be damaged: {}",
                                     path_.string(), text.error().message),
                         "; ", "--headers=kernel compiles without"));
}

std::optional<MemberPlace> KernelBtf::find_member(std::string_view struct_name,
                                                  std::string_view member) const {
  const std::int32_t id =
      btf__find_by_name_kind(types_.get(), std::string(struct_name).c_str(), BTF_KIND_STRUCT);
  if (id < 0) return std::nullopt;
  int left = 8192;  // a task_struct has some hundred
  return find_in(types_.get(), btf__type_by_id(types_.get(), static_cast<std::uint32_t>(id)),
                 member, left);
}

std::optional<std::uint64_t> KernelBtf::enumerator(std::string_view enum_name,
                                                   std::string_view name) const {
  const std::int32_t id =
      btf__find_by_name_kind(types_.get(), std::string(enum_name).c_str(), BTF_KIND_ENUM);
  if (id < 0) return std::nullopt;
  const btf_type* type = btf__type_by_id(types_.get(), static_cast<std::uint32_t>(id));
  const auto* values = btf_enum(type);
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    if (name_at(types_.get(), values[i].name_off) == name && values[i].val >= 0) {
      return static_cast<std::uint64_t>(values[i].val);
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> KernelBtf::find(std::string_view name, std::uint32_t kind) const {
  const std::int32_t id = btf__find_by_name_kind(types_.get(), std::string(name).c_str(), kind);
  if (id < 0) return std::nullopt;
  return static_cast<std::uint32_t>(id);
}

std::optional<std::uint32_t> KernelBtf::struct_number(std::string_view name) const {
  return find(name, BTF_KIND_STRUCT);
}

std::optional<std::uint32_t> KernelBtf::function_number(std::string_view name) const {
  return find(name, BTF_KIND_FUNC);
}

const KernelTypes* KernelBtf::module(std::string_view name) const {
  const auto known = modules_.find(name);
  if (known != modules_.end()) return known->second.get();
  const std::filesystem::path path = path_.parent_path() / name;
  btf* const types = btf__parse_raw_split(path.c_str(), types_.get());
  std::unique_ptr<KernelBtf> loaded(types != nullptr ? new KernelBtf(types, path) : nullptr);
  if (types != nullptr && !is_aligned(types)) loaded.reset();
  return modules_.emplace(name, std::move(loaded)).first->second.get();
}

TracepointArguments KernelBtf::raw_tracepoint_arguments(std::string_view name) const {
  const std::int32_t id = btf__find_by_name_kind(
      types_.get(), fmt::format("btf_trace_{}", name).c_str(), BTF_KIND_TYPEDEF);
  if (id < 0) return std::nullopt;
  const btf_type* pointer = resolve(types_.get(), static_cast<std::uint32_t>(id));
  if (pointer == nullptr || !btf_is_ptr(pointer)) return std::nullopt;
  const btf_type* prototype = resolve(types_.get(), pointer->type);
  if (prototype == nullptr || !btf_is_func_proto(prototype)) return std::nullopt;
  std::vector<std::string> arguments;
  const btf_param* parameters = btf_params(prototype);
  for (std::uint32_t i = 1; i < btf_vlen(prototype); ++i) {  // 0 is the void *
    arguments.push_back(name_of_argument(types_.get(), parameters[i].type));
  }
  return arguments;
}

}  // namespace disksnoop
