// The requests since the start, by what a series of metrics stands for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "request/columns.h"
#include "request/summary.h"

namespace disksnoop {

/// A line for each series. What it counts only grows as long as the line is there.
class RequestTotals {
 public:
  struct Line : SummaryLine {
    std::uint64_t last_ns = 0;  ///< when requests last came to it
  };
  using Lines = std::map<SummaryKey, Line>;

  /// What a label has whose own value found no room.
  static constexpr std::string_view kOther = "(other)";
  /// A line to which no requests came for so long gives up its place to others.
  static constexpr std::uint64_t kIdleNs = 600'000'000'000;

  /// `keys`: what the lines of the summaries that come stand for. `labels`: those of them that a
  /// series has, disk and op among them. At most `most` lines are told apart by other labels than
  /// these two: requests beyond them have kOther for those. Disks and operations are few.
  RequestTotals(const Columns& keys, Columns labels, std::size_t most = 200);

  /// Takes what completed at `now_ns`, of a monotonic clock, or since the last time. Where room
  /// is short, those new lines have it whose requests took longest together.
  void add(const Summary& summary, std::uint64_t now_ns);

  /// Ends the lines of disks for which it is false; they begin again from 0 if they come back.
  void end_disks(const std::function<bool(const std::string& disk)>& is_there);

  /// By the values of labels(), in their order. The operation is the name of its class, such as
  /// "read".
  const Lines& lines() const { return lines_; }
  const Columns& labels() const { return labels_; }
  /// Of a line.
  const SummaryValue& disk_of(const SummaryKey& series) const { return series.at(disk_place_); }

  /// How many requests have kOther in place of a value: there were as many lines as can be, here or
  /// where they were counted.
  std::uint64_t requests_without_series() const { return without_series_; }

 private:
  using Newcomers = std::map<SummaryKey, SummaryLine>;

  /// What the line of a summary is counted as.
  SummaryKey series_of(const SummaryKey& key) const;
  SummaryKey among_others(SummaryKey series) const;
  /// Whether the line takes one of the places that are limited.
  bool takes_place(const SummaryKey& series) const { return among_others(series) != series; }
  std::size_t places_taken() const;

  void add_to(const SummaryKey& series, const SummaryLine& line, std::uint64_t now_ns);
  void admit(const Newcomers& newcomers, std::uint64_t now_ns);

  Columns labels_;
  std::size_t disk_place_;  ///< among them
  KeyProjection projection_;
  std::size_t most_;
  Lines lines_;
  std::uint64_t without_series_ = 0;
};

}  // namespace disksnoop
