// Errors are values: a function that can fail returns Result<T>, and only
// main() prints what went wrong.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace disksnoop {

/// What went wrong, in one line that a user can act on.
struct Error {
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message) {
  return std::unexpected(Error{std::move(message)});
}

}  // namespace disksnoop
