// Numbers as Python reads them: int() and float() take more than strtol and
// strtod do (signs, underscores between digits, a 0x prefix), and less (no
// trailing text). A field that disksnoop.py can read must be read here too.
#pragma once

#include <optional>
#include <string_view>

namespace disksnoop {

/// float(text); nothing where Python raises ValueError.
std::optional<double> python_float(std::string_view text);

/// Whether int(text, 10) succeeds.
bool is_python_int(std::string_view text);

/// float(int(text, 10)); nothing where Python raises ValueError or
/// OverflowError (beyond the largest double).
std::optional<double> python_int(std::string_view text);

/// int(text, 16) & 1; nothing where Python raises ValueError. Python's
/// integers are unbounded and & works on their two's complement, so the last
/// digit decides whatever the length and the sign.
std::optional<bool> python_hex_is_odd(std::string_view text);

}  // namespace disksnoop
