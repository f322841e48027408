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

/// Has the kernel make a hash of so many values of this size, in bytes, and a ring buffer of so
/// many bytes if that is not 0, and lets them go again. Error: it does not, and the way out.
Result<void> try_maps(std::size_t values, std::size_t value_size, std::size_t ring_bytes);

}  // namespace disksnoop
