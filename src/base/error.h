// Errors are values: a function that can fail returns Result<T>, and only
// main() prints what went wrong.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace disksnoop {

/// What went wrong, in one line that a user can act on.
struct Error {
  std::string message;
  int status = 1;            ///< with which the program ends; 2: the command line is wrong
  std::string way_out = {};  ///< the end of the message, if that says what to do
  /// It was not permitted to look: what is there is not known.
  bool unseen = false;
};

/// An error whose message is what is wrong, what stands between, and the way out.
inline Error error_with_way_out(std::string_view what, std::string_view between,
                                std::string way_out) {
  std::string message = std::string(what).append(between).append(way_out);
  return {.message = std::move(message), .way_out = std::move(way_out)};
}

/// The message without the way out.
inline std::string_view what_of(const Error& error) {
  std::string_view what = error.message;
  what.remove_suffix(error.way_out.size());
  return what.substr(0, what.find_last_not_of(" :;,") + 1);
}

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message, int status = 1) {
  return std::unexpected(Error{std::move(message), status});
}

}  // namespace disksnoop
