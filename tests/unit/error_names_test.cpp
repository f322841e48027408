#include "tracepoint/error_names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace disksnoop {
namespace {

using Names = std::vector<std::string>;

/// From 0 on.
Names names(ErrorNumbers numbers, std::size_t count) {
  Names all;
  for (std::size_t i = 0; i < count; ++i) {
    all.emplace_back(error_name(static_cast<std::int64_t>(i), numbers));
  }
  return all;
}

// include/linux/blk_types.h, each with its errno of blk_errors[] in block/blk-core.c.
TEST(ErrorName, OfABlkStatusBefore610) {
  EXPECT_EQ(
      names(ErrorNumbers::kBlkStatus, 21),
      (Names{"",        "EOPNOTSUPP",   "ETIMEDOUT", "ENOSPC", "ENOLINK", "EREMOTEIO", "EBADE",
             "ENODATA", "EILSEQ",       "ENOMEM",    "EIO",    "EREMCHG", "EAGAIN",    "EBUSY",
             "EBUSY",   "ETOOMANYREFS", "EOVERFLOW", "ENODEV", "ETIME",   "E?",        "E?"}));
}

TEST(ErrorName, OfABlkStatusSince610) {
  EXPECT_EQ(names(ErrorNumbers::kBlkStatus610, 21),
            (Names{"",          "EOPNOTSUPP", "ETIMEDOUT", "ENOSPC", "ENOLINK",
                   "EREMOTEIO", "EBADE",      "ENODATA",   "EILSEQ", "ENOMEM",
                   "EIO",       "EREMCHG",    "EAGAIN",    "EBUSY",  "ETOOMANYREFS",
                   "EOVERFLOW", "ENODEV",     "ETIME",     "E?",     "EINVAL",
                   "E?"}));
}

TEST(ErrorName, OfANegativeErrno) {
  EXPECT_EQ(error_name(0, ErrorNumbers::kErrno), "");
  EXPECT_EQ(error_name(-5, ErrorNumbers::kErrno), "EIO");
  EXPECT_EQ(error_name(-28, ErrorNumbers::kErrno), "ENOSPC");
  EXPECT_EQ(error_name(-110, ErrorNumbers::kErrno), "ETIMEDOUT");
}

TEST(ErrorName, OfABioIsABlkStatusWhereOfARequestItIsAnErrno) {
  EXPECT_EQ(error_name(3, ErrorNumbers::kErrno), "ENOSPC");
  EXPECT_EQ(error_name(10, ErrorNumbers::kErrno), "EIO");
}

TEST(ErrorName, ANumberWithoutANameIsNoSuccess) {
  for (const auto numbers :
       {ErrorNumbers::kErrno, ErrorNumbers::kBlkStatus, ErrorNumbers::kBlkStatus610}) {
    EXPECT_EQ(error_name(5000, numbers), "E?");
    EXPECT_EQ(error_name(-5000, numbers), "E?");
    EXPECT_EQ(error_name(INT64_MIN, numbers), "E?");
    EXPECT_EQ(error_name(INT64_MAX, numbers), "E?");
  }
  EXPECT_EQ(error_name(-5, ErrorNumbers::kBlkStatus), "E?");
}

}  // namespace
}  // namespace disksnoop
