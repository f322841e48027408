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
#include "tracepoint/line_tables.h"
#include "tracepoint/program_config.h"
#include "tracepoint/slots.h"

namespace disksnoop {

/// The buffer of events.
struct BufferRoom {
  Transport transport;
  std::uint64_t pages;     ///< of a ring buffer all, of a perf buffer each CPU's
  bool gathers = false;    ///< records wait for others
  std::size_t enough = 0;  ///< bytes that are read before their time
};

/// Requests in flight.
struct InFlightRoom {
  std::uint64_t possible;    ///< that the disks can have at the same time
  std::uint64_t requests;    ///< for which there is room
  SlotClaim slot_claim;      ///< whether there are slots for them
  unsigned bucket_bits = 0;  ///< of these
};

struct ProgramRoom {
  BufferRoom buffer;
  InFlightRoom in_flight;
  std::optional<LineRoom> lines = {};  ///< of a summary
};

/// Error: more files than may be open.
Result<ProgramRoom> choose_room(const Options& options, const ProgramConfig& config);

/// What there is room for, in words.
std::vector<std::string> describe(const ProgramRoom& room);

/// What the disks can have in flight and there is no room for, in words; none where there is.
std::optional<std::string> describe_shortage(const InFlightRoom& room);

std::vector<std::string> clang_flags(const ProbePlan& plan, const ProgramRoom& room);

}  // namespace disksnoop
