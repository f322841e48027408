// The lines of a summary, as the program keeps them (bpf_text/summary.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"
#include "buckets.h"
#include "request/summary.h"
#include "summary.h"
#include "tracepoint/mapped_array.h"

namespace disksnoop {

/// The lines that the program has room for, which take no more than 64 MiB.
struct LineRoom {
  std::size_t cpus;   ///< that have lines of their own; more share them
  std::size_t lines;  ///< of each
};

/// Where lines stand for anything: 1,024 for each of 16 CPUs, or as many as the memory holds. To
/// share is dearer, but too few lines would tell less.
LineRoom room_for_lines(std::size_t cpus);

/// Where this machine has so many disks, partitions or operations of them to stand for: half as
/// many again, as some may come later, but at least 256. The more there are, the fewer CPUs have
/// their own: each counts in more of them.
LineRoom room_for_lines(std::size_t cpus, std::size_t values);

/// Maps of the program; the descriptors are their owner's.
struct LineMaps {
  int numbers;
  int free_numbers;
  int keys;
  int recent;
  int lines;
  int readings;
};

class LineTables {
 public:
  /// Gives the program the numbers that its lines can have. Error: maps whose keys or values
  /// have another size.
  static Result<LineTables> open(const LineMaps& maps, std::size_t key_size);

  /// Programs that begin from now on count in the other set. The one that was in use until
  /// now, which is to be taken out once those that run now have ended.
  std::size_t switch_sets();
  std::size_t set_in_use() const { return set_; }

  /// Of a line that has counted something: its number (OTHER_LINE for those without room), its
  /// key, and what it has counted.
  using Take =
      std::function<void(std::uint32_t number, const std::byte* key, const SummaryLine& line)>;
  /// Takes out all that a set has. What is counted meanwhile is there the next time.
  void take_out(std::size_t set, const Take& take);

  /// How many lines have a number that is in use.
  std::size_t used() const { return used_; }
  std::size_t room() const { return keys_.size() - 1; }
  /// Bytes of a key.
  std::size_t key_size() const { return keys_.value_size(); }

 private:
  /// A line that is not counted in is given up, for others to have its number: first its key
  /// is forgotten, and when no program can still have the number that is given back. Its
  /// key is written anew only then.
  enum class Use { kFree, kUsed, kGivenUp };
  struct State {
    Use use = Use::kFree;
    unsigned idle_readings = 0;
  };

  LineTables(const LineMaps& maps, std::size_t cpus, MappedArray keys, MappedArray recent,
             MappedArray lines, MappedArray readings);

  bool take_out(std::size_t set, std::uint32_t number, const Take& take);
  void age(std::uint32_t number, bool has_counted);
  void forget_recent();
  bool is_in_use(std::uint32_t number) const;

  LineMaps maps_;
  std::size_t cpus_;
  MappedArray keys_;
  MappedArray recent_;
  MappedArray lines_;
  MappedArray readings_;
  std::size_t set_ = 0;
  std::vector<State> states_;
  std::size_t used_ = 0;
  std::size_t given_up_ = 0;  ///< of them
};

/// Takes out of `line`, which a program may be counting in, what it has: each number once.
SummaryLine take_out_line(line_t& line);

}  // namespace disksnoop
