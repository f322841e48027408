// How a request failed, by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace disksnoop {

/// What the second argument of block_rq_complete is. Of a bio it is always a blk_status_t.
enum class ErrorNumbers {
  kErrno,         ///< a negative errno, before 5.16
  kBlkStatus,     ///< blk_status_t
  kBlkStatus610,  ///< the same since 6.10, where some have other numbers
};

/// The name of the errno that a reader or writer got, such as "EIO"; empty for a
/// request that did not fail, "E?" for a number that has no name. As blk_errors[] in
/// block/blk-core.c, with the numbers of include/linux/blk_types.h.
std::string_view error_name(std::int64_t value, ErrorNumbers numbers);

}  // namespace disksnoop
