#include "request/operation.h"

#include <algorithm>
#include <utility>

namespace disksnoop {
namespace {

struct Named {
  std::string_view name;
  std::string_view letters;
  int usual;  ///< its number since 5.10, and before; -1: it was not there, or moved
};

// enum req_op (include/linux/blk_types.h). Zone operations were others before 6.0.
constexpr std::array<Named, 13> kOperations = {{
    {"REQ_OP_READ", "R", 0},
    {"REQ_OP_WRITE", "W", 1},
    {"REQ_OP_FLUSH", "F", 2},
    {"REQ_OP_DISCARD", "D", 3},
    {"REQ_OP_SECURE_ERASE", "DE", 5},
    {"REQ_OP_WRITE_SAME", "W", -1},  // before 5.18
    {"REQ_OP_WRITE_ZEROES", "WZ", 9},
    {"REQ_OP_ZONE_APPEND", "ZA", -1},
    {"REQ_OP_ZONE_RESET", "ZR", -1},
    {"REQ_OP_ZONE_RESET_ALL", "ZRA", -1},
    {"REQ_OP_ZONE_OPEN", "ZO", -1},
    {"REQ_OP_ZONE_CLOSE", "ZC", -1},
    {"REQ_OP_ZONE_FINISH", "ZF", -1},
}};

// enum req_flag_bits: bits 8 to 22 have had these numbers since 4.10.
constexpr std::string_view kFlushFirst = "__REQ_PREFLUSH";
constexpr std::uint32_t kUsualFlushFirst = 18;
constexpr std::array<Named, 5> kFlags = {{
    {"__REQ_FUA", "F", 17},
    {"__REQ_RAHEAD", "A", 19},
    {"__REQ_SYNC", "S", 11},
    {"__REQ_META", "M", 12},
    {"__REQ_ATOMIC", "U", -1},  // since 6.11
}};

constexpr std::string_view kOther = "N";

constexpr std::array<std::pair<std::string_view, OperationClass>, 5> kOperationClasses = {{
    {"read", OperationClass::kRead},
    {"write", OperationClass::kWrite},
    {"discard", OperationClass::kDiscard},
    {"flush", OperationClass::kFlush},
    {"other", OperationClass::kOther},
}};

/// Whether `letters` are some of those of `all`, in their order.
bool is_part_in_order(std::string_view letters, std::string_view all) {
  for (const char letter : letters) {
    const std::size_t at = all.find(letter);
    if (at == std::string_view::npos) return false;
    all.remove_prefix(at + 1);
  }
  return true;
}

/// An operation's letters with flags after them.
bool is_operation(std::string_view text) {
  const auto fits = [text](std::string_view letters) {
    return text.starts_with(letters) && is_part_in_order(text.substr(letters.size()), "FASMU");
  };
  return fits(kOther) || std::ranges::any_of(kOperations, [&fits](const Named& operation) {
           return fits(operation.letters);
         });
}

/// What follows the flush that goes before it.
std::string_view without_flush(const Operation& operation) {
  const std::string_view letters = operation.letters();
  const bool with_flush = letters.starts_with('F') && is_operation(letters.substr(1));
  return with_flush ? letters.substr(1) : letters;
}

}  // namespace

std::optional<Operation> parse_operation(std::string_view text) {
  if (text.size() > Operation::kMostLetters) return std::nullopt;
  const bool with_flush = text.starts_with('F') && is_operation(text.substr(1));
  return with_flush || is_operation(text) ? std::optional(Operation(text)) : std::nullopt;
}

Operation without_flags(const Operation& operation) {
  const std::string_view letters = without_flush(operation);
  std::string_view own = kOther;
  for (const Named& named : kOperations) {
    if (letters.starts_with(named.letters) && (own == kOther || named.letters.size() > own.size()))
      own = named.letters;
  }
  return Operation(own);
}

OperationClass class_of(const Operation& operation) {
  const std::string_view letters = without_flush(operation);
  for (const auto& [begin, is] : {
           std::pair<std::string_view, OperationClass>{"R", OperationClass::kRead},
           {"W", OperationClass::kWrite},
           {"ZA", OperationClass::kWrite},
           {"D", OperationClass::kDiscard},
           {"F", OperationClass::kFlush},
       }) {
    if (letters.starts_with(begin)) return is;
  }
  return OperationClass::kOther;
}

std::string_view name_of(OperationClass operation) {
  const auto* const found = std::ranges::find(kOperationClasses, operation,
                                              &std::pair<std::string_view, OperationClass>::second);
  return found->first;
}

std::optional<OperationClass> find_operation_class(std::string_view name) {
  for (const auto& [known, is] : kOperationClasses) {
    if (name == known) return is;
  }
  return std::nullopt;
}

std::vector<std::string_view> names_of_operation_classes() {
  std::vector<std::string_view> names;
  names.reserve(kOperationClasses.size());
  for (const auto& [name, is] : kOperationClasses) names.push_back(name);
  return names;
}

OperationTable::OperationTable(const NumberOf& number_of) {
  letters_.fill(kOther);
  const bool told = number_of(kOperations.front().name).has_value();
  for (const Named& operation : kOperations) {
    const auto number = number_of(operation.name);
    if (number && *number < letters_.size()) {
      letters_.at(*number) = operation.letters;
    } else if (!told && operation.usual >= 0) {
      letters_.at(static_cast<std::size_t>(operation.usual)) = operation.letters;
    }
  }
  const auto mask_of = [&](std::string_view name, std::uint64_t usual) {
    const std::uint64_t bit = number_of(name).value_or(usual);
    return bit < 32 ? std::uint32_t{1} << bit : 0;
  };
  flush_first_ = mask_of(kFlushFirst, kUsualFlushFirst);
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    flags_.at(i) = {mask_of(kFlags.at(i).name, static_cast<std::uint64_t>(kFlags.at(i).usual)),
                    kFlags.at(i).letters.front()};
  }
}

Operation OperationTable::operation_of(std::uint32_t cmd_flags) const {
  Operation operation;
  if ((cmd_flags & flush_first_) != 0) operation.add('F');
  operation.add(letters_[cmd_flags & ((1U << kOperationBits) - 1)]);
  for (const Flag& flag : flags_) {
    if ((cmd_flags & flag.mask) != 0) operation.add(flag.letter);
  }
  return operation;
}

}  // namespace disksnoop
