// What --check looks at on this machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "original/tracefs.h"
#include "program/probe_plan.h"
#include "render/check_report.h"
#include "system/cgroup.h"
#include "system/disk.h"
#include "system/files.h"
#include "system/refusal.h"
#include "tracepoint/bpf_buffer.h"

namespace disksnoop {

/// A tracepoint, and whether the kernel has it; none: that cannot be seen.
struct TracepointFact {
  std::string name;
  std::optional<bool> is_there;
};

/// Who asks.
struct CallerFacts {
  unsigned user = 0;  ///< the effective one
  bool more_rights_than_caller = false;
  PrivilegeFacts privileges = {};
  Result<void> bpf = {};                          ///< whether it may use BPF
  Result<void> descriptors = {};                  ///< whether enough files can be open
  std::optional<std::uint64_t> most_locked = {};  ///< bytes; none: no limit
  std::optional<bool> maps_are_locked = {};       ///< that limit is of maps too; none: not known
};

/// What the engine original needs.
struct OriginalFacts {
  Result<std::filesystem::path> tracefs = {};
  TracePipeHolder holder = {};
  std::optional<bool> kprobes = {};  ///< none: not known
  Result<ProbePlan> plan = {};
  Result<void> pipe = {};                    ///< whether it opens, where this engine is taken
  std::vector<std::string> hindrances = {};  ///< as trace_hindrances()
};

/// What the engine tracepoint needs.
struct TracepointFacts {
  std::vector<TracepointFact> tracepoints = {};
  Result<ProbePlan> plan = {};
  std::optional<Transport> transport = {};  ///< none: not known
  Result<void> room = {};                   ///< as choose_room()
  Result<void> maps = {};                   ///< whether they fit where they are locked memory
  Result<void> bios = {};                   ///< whether devices without requests can be traced
  std::vector<ColumnFinding> columns = {};
};

/// What is seen, by this caller and with nothing changed. An error says what is in the way in the
/// words that tracing has for it.
struct CheckFacts {
  std::string release = {};
  std::string architecture = {};
  CallerFacts caller = {};
  Result<std::filesystem::path> btf = {};        ///< the file; error: none, or damaged
  Result<std::string> headers = {};              ///< that --headers=auto takes
  Result<std::filesystem::path> installed = {};  ///< kernel headers
  OriginalFacts original = {};
  TracepointFacts tracepoint = {};
  Result<ProbePlan> plan = {};  ///< that --engine=auto takes
  std::vector<BlockDevice> devices = {};
  Result<CgroupHierarchy> cgroups = {};
  bool time_namespace = false;
};

CheckFacts gather_check_facts(const Root& root);

}  // namespace disksnoop
