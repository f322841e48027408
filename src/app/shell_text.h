// Text as bash, zsh and fish read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace disksnoop {

/// In single quotes where it needs them, as bash and zsh read them.
std::string posix_quoted(std::string_view text);
/// The same, as fish reads them: there a backslash escapes.
std::string fish_quoted(std::string_view text);
/// Words one after the other, each as `quoted` makes it.
std::string quoted_words(const std::vector<std::string>& words,
                         std::string (*quoted)(std::string_view));

}  // namespace disksnoop
