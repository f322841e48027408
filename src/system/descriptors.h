// How many files this process may have open.
#pragma once

#include <cstddef>

#include "base/error.h"

namespace disksnoop {

/// Sees to it that `needed` more files can be open at once, for which it raises
/// the soft limit as far as the hard one allows. Error: the limit, and what it
/// would have to be.
Result<void> require_descriptors(std::size_t needed);

}  // namespace disksnoop
