// A stream of trace_pipe: however it comes in pieces, its lines and rows are the same.
#include <algorithm>
#include <optional>

#include "fuzz.h"
#include "original/trace_line.h"
#include "original/trace_lines.h"

namespace disksnoop {
namespace {

/// What Python's readline(1024) gives, one after the other.
std::vector<std::string_view> read_lines(std::string_view stream) {
  std::vector<std::string_view> lines;
  while (!stream.empty()) {
    const std::string_view piece = stream.substr(0, TraceLines::kLongestLine);
    const std::size_t newline = piece.find('\n');
    lines.push_back(piece.substr(0, newline == std::string_view::npos ? newline : newline + 1));
    stream.remove_prefix(lines.back().size());
  }
  return lines;
}

struct Outcome {
  std::string rows;
  StreamCounts counts;
  bool operator==(const Outcome&) const = default;
};

class Reading {
 public:
  Reading(const std::vector<std::string_view>& lines, Dialect dialect)
      : lines_(lines), dialect_(dialect), reader_(dialect) {}

  void take(std::string_view bytes) {
    stream_.append(bytes);
    while (const auto line = stream_.next()) add(*line);
  }

  Outcome end() {
    if (const auto line = stream_.rest()) add(*line);
    require(next_ == lines_.size() && !stream_.rest(), "there are as many lines as Python reads");
    return {rows_, reader_.counts()};
  }

 private:
  void add(std::string_view line) {
    require(next_ < lines_.size() && line == lines_[next_++], "a line is Python's", line);
    if (const auto row = reader_.read(line)) append_original_row(rows_, *row, dialect_);
  }

  const std::vector<std::string_view>& lines_;
  Dialect dialect_;
  TraceLines stream_;
  TraceReader reader_;
  std::size_t next_ = 0;
  std::string rows_;
};

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  if (size == 0) return 0;
  // The first byte says how large the pieces are.
  const std::size_t most = std::size_t{1} + data[0] * std::size_t{5};
  const std::string_view stream = text_of(data + 1, size - 1);
  const std::vector<std::string_view> lines = read_lines(stream);
  for (const Dialect dialect : {Dialect::kSeed, Dialect::kBcc}) {
    Reading whole(lines, dialect);
    whole.take(stream);
    Reading pieces(lines, dialect);
    for (std::size_t at = 0, step = 1; at < stream.size(); at += step) {
      step = 1 + (at * 7 + step) % most;
      pieces.take(stream.substr(at, step));
    }
    require(whole.end() == pieces.end(), "pieces make no difference", stream);
  }
  return 0;
}
