// What the running kernel says of its own types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

/// Place of a member in its struct.
struct MemberPlace {
  std::uint32_t offset;  ///< bytes
  std::uint32_t size;    ///< bytes
};

/// The arguments of a raw tracepoint: of each the name of the struct that it points
/// to, or else of its type.
using TracepointArguments = std::optional<std::vector<std::string>>;

class KernelTypes {
 public:
  virtual ~KernelTypes() = default;

  /// Where a member of a struct lies, also one of an anonymous struct or union
  /// inside it; nothing if there is none.
  virtual std::optional<MemberPlace> find_member(std::string_view struct_name,
                                                 std::string_view member) const = 0;

  /// The value of an enumerator; nothing if there is no such enum or name.
  virtual std::optional<std::uint64_t> enumerator(std::string_view enum_name,
                                                  std::string_view name) const = 0;

  /// The number of a struct, or of a function that programs may call, in what the kernel says of
  /// its types; nothing if it has none of that name.
  virtual std::optional<std::uint32_t> struct_number(std::string_view name) const = 0;
  virtual std::optional<std::uint32_t> function_number(std::string_view name) const = 0;

  /// What a module that is loaded says of the types that are its own; null if it is
  /// not loaded, is no module, or says nothing. Valid as long as this object.
  virtual const KernelTypes* module(std::string_view name) const = 0;

  /// Nothing without such a tracepoint.
  virtual TracepointArguments raw_tracepoint_arguments(std::string_view name) const = 0;
};

}  // namespace disksnoop
