// Text of others, made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace disksnoop {

/// `text` in one line: what is not UTF-8, and each character that moves the
/// cursor, changes the terminal or reorders what is read (control characters of
/// C0 and C1, DEL, line separators, bidirectional marks), is written as the
/// bytes it consists of, \xNN each. It is for reading: a backslash stays one.
std::string escaped(std::string_view text);

/// The same for text of several lines: \n and \t stay.
std::string escaped_lines(std::string_view text);

}  // namespace disksnoop
