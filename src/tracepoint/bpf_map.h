// What the kernel says of a map of the program.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

/// How many entries a map can have. Error: its keys and values have other sizes than these
/// bytes, which are those of the records that it shares with us.
Result<std::size_t> check_map(int fd, std::string_view name, std::size_t key, std::size_t value);

/// How many CPUs the kernel can have: so many values has an entry of a per-CPU map.
Result<std::size_t> possible_cpus();

}  // namespace disksnoop
