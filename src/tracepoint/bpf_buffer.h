// The buffer through which a BPF program hands its events over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/error.h"
#include "system/unique_fd.h"
#include "tracepoint/event_order.h"

namespace disksnoop {

/// Which kind of buffer the kernel has.
enum class Transport {
  kRingBuffer,  ///< one for all CPUs, since 5.8
  kPerfBuffer,  ///< one for each CPU
};

/// Asks the kernel itself. Needs CAP_BPF.
Transport find_transport();

/// Reads the map `events` of bpf_text/block_rq.c.
class BpfBuffer {
 public:
  /// `map_fd` stays its owner's. `pages` is for a perf buffer, each CPU's;
  /// a ring buffer has its size from the program.
  /// `gathering_fd`: the array `gathering`, or -1 where the program has none.
  static Result<std::unique_ptr<BpfBuffer>> open(Transport transport, int map_fd,
                                                 std::uint64_t pages, int gathering_fd = -1);
  virtual ~BpfBuffer() = default;

  /// Readable when there are events; where they can gather, only when the kernel has
  /// woken the reader since look().
  virtual int fd() const = 0;

  /// Whether events can gather, and the reader is woken only before the buffer is full
  /// (record_flags() of bpf_text/common.h).
  virtual bool can_gather() const = 0;
  /// Whether they do from now on; else the reader is woken by the next one. Before a
  /// reader that is to be woken sleeps, look() has to be 0 after it.
  virtual void gather(bool on) = 0;

  /// The bytes that have gathered, with those that are being written; 0 where they
  /// cannot gather. The kernel wakes the reader for the next one only if there are none:
  /// it compares that one's place with how far was read.
  virtual std::size_t look() = 0;

  /// Takes a record that is no event: the path of a file or a cgroup (parts/path.h).
  using PathSink = std::function<void(std::span<const std::byte>)>;

  /// Adds what is there now to `events`, queue by queue and without waiting, but
  /// no more than `most` records. Error: also an event of another size than
  /// those that `events` has.
  virtual Result<void> read(EventOrder& events, const PathSink& paths, std::size_t most) = 0;
};

}  // namespace disksnoop
