// Text in JSON: that of others, and whole values.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace disksnoop {

/// How many characters from its beginning on stand in JSON as they are.
std::size_t plain_json_length(std::string_view text);

/// Adds a value in one line. Its text is valid UTF-8 whatever it was: a byte that is none
/// becomes U+FFFD. It is fit for a terminal: what base/escape.h would escape is written as
/// JSON does it.
void append_json(std::string& out, const nlohmann::ordered_json& json);

/// The same of text alone.
void append_json_string(std::string& out, std::string_view text);

}  // namespace disksnoop
