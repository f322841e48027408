// Text of others in XML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace disksnoop {

/// `text` as base/escape.h writes it, fit for XML 1.0 between tags and in quotes: what has a
/// meaning there is an entity, and characters that XML forbids are their bytes, \xNN.
std::string xml_text(std::string_view text);

/// The end of `text` behind an ellipsis, where it has more than `most` characters: of a path
/// that is what tells it from others. As for characters: `text` is one of escaped().
std::string shortened(std::string_view text, std::size_t most);

}  // namespace disksnoop
