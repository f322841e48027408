#include "render/original_row.h"

#include <algorithm>
#include <cmath>

#include "base/fixed_text.h"
#include "base/text.h"

namespace disksnoop {
namespace {

/// Python writes "nan" without a sign.
double without_nan_sign(double value) { return std::isnan(value) ? std::fabs(value) : value; }

}  // namespace

// print("%-18s %-2s %-7s %8s" % ("TIME(s)", "T", "BYTES", "LAT(ms)"))
std::string_view original_header() { return "TIME(s)            T  BYTES    LAT(ms)\n"; }

// kSeed: print(f"{ts - start:<18.9f} {type_s:2s} {bytes_s:>5s} {ms:10.2f}")
// kBcc: printb(b"%-18.9f %-2s %-7s %8.2f" % (ts, type_s, bytes_s, ms)), which
// compares bytes with "0": they are never equal, so it never says M.
void append_original_row(std::string& out, const OriginalRow& row, Dialect dialect) {
  const bool seed = dialect == Dialect::kSeed;
  const char type = row.write ? 'W' : seed && row.bytes == "0" ? 'M' : 'R';
  const FixedText<9> time(without_nan_sign(seed ? row.elapsed_s : row.time_s));
  const FixedText<2> latency(row.latency_ms);
  const std::size_t length = seed ? count_code_points(row.bytes) : row.bytes.size();
  const std::size_t blanks = std::max<std::size_t>(length, seed ? 5 : 7) - length;

  // A row of blanks, which is then filled.
  const std::size_t time_width = std::max<std::size_t>(time.view().size(), 18);
  const std::size_t bytes_at = time_width + 4;
  const std::size_t bytes_end = bytes_at + blanks + row.bytes.size();
  const std::size_t row_end =
      bytes_end + 1 + std::max<std::size_t>(latency.view().size(), seed ? 10 : 8);
  const std::size_t begin = out.size();
  out.resize(begin + row_end + 1, ' ');
  char* const text = out.data() + begin;
  time.view().copy(text, std::string_view::npos);
  text[time_width + 1] = type;
  row.bytes.copy(text + bytes_at + (seed ? blanks : 0), std::string_view::npos);
  latency.view().copy(text + row_end - latency.view().size(), std::string_view::npos);
  text[row_end] = '\n';
}

}  // namespace disksnoop
