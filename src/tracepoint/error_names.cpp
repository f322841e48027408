#include "tracepoint/error_names.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace disksnoop {
namespace {

constexpr std::size_t kStatuses = 20;
using Errnos = std::array<int, kStatuses>;

/// From BLK_STS_OK to BLK_STS_DEV_RESOURCE they are the same everywhere.
constexpr Errnos kErrnos = {0,       EOPNOTSUPP, ETIMEDOUT, ENOSPC, ENOLINK, EREMOTEIO, EBADE,
                            ENODATA, EILSEQ,     ENOMEM,    EIO,    EREMCHG, EAGAIN,    EBUSY};

constexpr Errnos with(Errnos errnos, std::array<int, 6> from_14_on) {
  for (std::size_t i = 0; i < from_14_on.size(); ++i) errnos.at(14 + i) = from_14_on.at(i);
  return errnos;
}

// ZONE_RESOURCE (gone since), ZONE_OPEN_RESOURCE, ZONE_ACTIVE_RESOURCE, OFFLINE,
// DURATION_LIMIT; INVAL since 6.11.
constexpr Errnos kBefore610 = with(kErrnos, {EBUSY, ETOOMANYREFS, EOVERFLOW, ENODEV, ETIME, 0});
constexpr Errnos kSince610 = with(kErrnos, {ETOOMANYREFS, EOVERFLOW, ENODEV, ETIME, 0, EINVAL});

/// 0 for none.
int errno_of(std::int64_t value, ErrorNumbers numbers) {
  if (numbers == ErrorNumbers::kErrno && value < 0) {
    return value > -4096 ? static_cast<int>(-value) : 0;
  }
  const Errnos& errnos = numbers == ErrorNumbers::kBlkStatus610 ? kSince610 : kBefore610;
  const auto status = static_cast<std::uint64_t>(value);
  return status < errnos.size() ? errnos.at(status) : 0;
}

}  // namespace

std::string_view error_name(std::int64_t value, ErrorNumbers numbers) {
  if (value == 0) return "";
  const int number = errno_of(value, numbers);
  const char* const name = number > 0 ? ::strerrorname_np(number) : nullptr;
  return name != nullptr ? name : "E?";
}

}  // namespace disksnoop
