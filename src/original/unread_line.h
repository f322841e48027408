// Why a line is none that disksnoop.py can read, as far as its form tells.
#pragma once

#include <string_view>

namespace disksnoop {

/// What gives a line another form than the one that bcc's trace_fields() cuts.
enum class UnreadKind {
  kOther,
  kRecordTgid,     ///< "(  249)" before the CPU
  kNoIrqInfo,      ///< no flags between CPU and time
  kNoContextInfo,  ///< the message alone
  kLatencyFormat,  ///< "0d.h41 114617987us"
  kRawFormat,      ///< "249 0 1938462165597 type: 550"
  kComment,        ///< begins with a "#", as the header of the file `trace`
  kMoved,          ///< as it should be, but not in its columns
  kCompressed,     ///< the first line of a file that gzip, zstd, xz, bzip2 or lz4 made
};

/// The forms are those of kernel/trace/trace_output.c, seen on Linux 6.18.
UnreadKind classify_unread(std::string_view raw);

/// What to do about lines of this kind; "" for kOther.
std::string_view hint_on(UnreadKind kind);

}  // namespace disksnoop
