// How much room the tracepoint engine's program has on this machine, and what clang is told
// of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "program/probe_plan.h"
#include "tracepoint/bpf_buffer.h"
#include "tracepoint/slots.h"

namespace disksnoop {

/// The buffer of events.
struct BufferRoom {
  Transport transport;
  std::uint64_t pages;     ///< of a ring buffer all, of a perf buffer each CPU's
  bool gathers = false;    ///< records wait for others
  std::size_t enough = 0;  ///< bytes that are read before their time
};

/// The lines of a summary.
struct LineRoom {
  std::size_t cpus;  ///< that have lines of their own
  std::size_t lines;
};

struct ProgramRoom {
  BufferRoom buffer;
  SlotClaim slot_claim;                ///< whether there are slots for requests in flight
  unsigned bucket_bits = 0;            ///< of these
  std::optional<LineRoom> lines = {};  ///< of a summary
};

/// Error: more files than may be open.
Result<ProgramRoom> choose_room(const Options& options);

std::vector<std::string> clang_flags(const ProbePlan& plan, const ProgramRoom& room);

}  // namespace disksnoop
