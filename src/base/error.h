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
  int status = 1;  ///< with which the program ends; 2: the command line is wrong
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message, int status = 1) {
  return std::unexpected(Error{std::move(message), status});
}

}  // namespace disksnoop
