#include "core/table.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "core/text.h"

namespace disksnoop {
namespace {

/// Python writes "nan" without a sign.
double without_nan_sign(double value) { return std::isnan(value) ? std::fabs(value) : value; }

void pad(std::string& out, std::size_t width, std::size_t length) {
  if (length < width) out.append(width - length, ' ');
}

}  // namespace

// print("%-18s %-2s %-7s %8s" % ("TIME(s)", "T", "BYTES", "LAT(ms)"))
std::string_view table_header() { return "TIME(s)            T  BYTES    LAT(ms)\n"; }

void append_row(std::string& out, const IoEvent& event, Format format) {
  const auto end = std::back_inserter(out);
  if (format == Format::kBcc) {
    // printb(b"%-18.9f %-2s %-7s %8.2f" % (ts, type_s, bytes_s, ms)): it
    // compares bytes with "0", which is never equal, so it never says M.
    fmt::format_to(end, "{:<18.9f} {:<2} ", without_nan_sign(event.time_s), event.write ? 'W' : 'R');
    out.append(event.bytes);
    pad(out, 7, event.bytes.size());
    fmt::format_to(end, " {:8.2f}\n", event.latency_ms);
    return;
  }
  // print(f"{ts - start:<18.9f} {type_s:2s} {bytes_s:>5s} {ms:10.2f}")
  const char type = event.write ? 'W' : event.bytes == "0" ? 'M' : 'R';
  fmt::format_to(end, "{:<18.9f} {:<2} ", without_nan_sign(event.elapsed_s), type);
  pad(out, 5, count_code_points(event.bytes));
  out.append(event.bytes);
  fmt::format_to(end, " {:10.2f}\n", event.latency_ms);
}

}  // namespace disksnoop
