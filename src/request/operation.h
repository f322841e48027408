// What a request does: its operation and how it is to be done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

/// The kernel's letters for an operation, those of blktrace: R read, W write, D
/// discard, F flush; WZ writes zeroes, DE erases; ZA, ZR, ZRA, ZO, ZC and ZF are
/// the operations on zones (append, reset, reset all, open, close, finish); N is
/// any other, such as a command that a program sends itself. F before them: a
/// flush first. After them F (forced to the medium), A (read ahead), S
/// (synchronous), M (metadata), U (untorn: all or nothing is written). As
/// blk_fill_rwbs() in kernel/trace/blktrace.c.
class Operation {
 public:
  static constexpr std::size_t kMostLetters = 9;

  constexpr Operation() = default;
  /// `letters` has at most kMostLetters.
  explicit constexpr Operation(std::string_view letters) {
    for (const char letter : letters.substr(0, kMostLetters)) add(letter);
  }

  constexpr void add(char letter) { letters_[size_++] = letter; }
  constexpr void add(std::string_view letters) {
    for (const char letter : letters) add(letter);
  }

  constexpr std::string_view letters() const { return {letters_.data(), size_}; }
  constexpr bool operator==(const Operation&) const = default;

 private:
  std::array<char, kMostLetters> letters_ = {};
  std::size_t size_ = 0;
};

/// The operation that `text` names; none if these are no letters of an operation.
std::optional<Operation> parse_operation(std::string_view text);

/// What operations are asked for by.
enum class OperationClass {
  kRead,
  kWrite,    ///< W, WZ and ZA: what is there afterwards is told
  kDiscard,  ///< D and DE
  kFlush,
  kOther
};

OperationClass class_of(const Operation& operation);

/// Its own letters alone, without a flush before it and the flags: "W" of "FWS".
Operation without_flags(const Operation& operation);

/// "read".
std::string_view name_of(OperationClass operation);

/// "read"; none if it is no name of one.
std::optional<OperationClass> find_operation_class(std::string_view name);

/// read, write, ...
std::vector<std::string_view> names_of_operation_classes();

/// How a kernel numbers operations and flags in cmd_flags. They differ: ask the
/// kernel (enum req_op, req_opf before 6.1; enum req_flag_bits).
class OperationTable {
 public:
  /// A number of the kernel's by its name, such as "REQ_OP_DISCARD" or "__REQ_FUA";
  /// none where the kernel has no such name or does not tell.
  using NumberOf = std::function<std::optional<std::uint64_t>(std::string_view name)>;

  explicit OperationTable(const NumberOf& number_of);
  /// Where the kernel tells nothing: what 5.10 to 7.2 have in common.
  OperationTable() : OperationTable([](std::string_view) { return std::nullopt; }) {}

  /// Of a request with these cmd_flags.
  Operation operation_of(std::uint32_t cmd_flags) const;

 private:
  static constexpr std::uint32_t kOperationBits = 8;  // REQ_OP_BITS

  struct Flag {
    std::uint32_t mask;
    char letter;
  };

  std::array<std::string_view, 1U << kOperationBits> letters_ = {};
  std::uint32_t flush_first_ = 0;
  std::array<Flag, 5> flags_ = {};  ///< in the order of their letters
};

}  // namespace disksnoop
