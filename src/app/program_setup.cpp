#include "app/program_setup.h"

#include <algorithm>

#include "program/program_headers.h"
#include "system/disk.h"
#include "system/process.h"
#include "tracepoint/name_condition.h"

namespace disksnoop {
namespace {

Result<std::vector<DiskPart>> find_disks(const Root& root, const std::vector<std::string>& given,
                                         Layer layer) {
  std::vector<DiskPart> all;
  for (const std::string& one : given) {
    const auto parts = find_disk(root, one, layer == Layer::kBio);
    if (!parts) return std::unexpected(parts.error());
    all.insert(all.end(), parts->begin(), parts->end());
  }
  return all;
}

Result<ProgramFilter> program_filter(const Filter& filter, Layer layer, const Root& root,
                                     const OperationTable& operations) {
  const auto disks = find_disks(root, filter.disks, layer);
  if (!disks) return std::unexpected(disks.error());
  const auto any_with = [&disks](bool requests) {
    return std::ranges::find(*disks, requests, &DiskPart::has_requests) != disks->end();
  };
  ProgramFilter program = {.requests = disks->empty() || any_with(true),
                           .bios = disks->empty() ? layer == Layer::kBio : any_with(false),
                           .disk_condition = disk_condition(*disks),
                           .processes = !filter.pids.empty(),
                           .comm_condition = comm_condition(filter.comms),
                           .children = filter.children,
                           .cgroups = !filter.cgroups.empty(),
                           .min_ns = filter.min_ns,
                           .errors = filter.errors};
  for (const DiskPart& part : *disks) program.partitions |= part.partition.has_value();
  if (!filter.operations.empty()) {
    program.operations = operation_bits(filter.operations, operations);
  }
  if (program.processes) program.pid_namespace = own_pid_namespace(root);
  return program;
}

}  // namespace

OperationTable operation_table(const Result<KernelBtf>& btf) {
  if (!btf) return OperationTable();
  return OperationTable([&btf](std::string_view name) {
    const auto in_flags = btf->enumerator("req_flag_bits", name);
    if (in_flags) return in_flags;
    const auto operation = btf->enumerator("req_op", name);
    return operation ? operation : btf->enumerator("req_opf", name);  // before 6.1
  });
}

Result<ProgramConfig> configure(const Options& options, const Result<KernelBtf>& btf) {
  const Query query = query_of(options);
  const auto filter = program_filter(query.filter, options.layer, Root(), operation_table(btf));
  if (!filter) return std::unexpected(filter.error());
  return configure_program(
      query.columns, {btf ? &*btf : nullptr, are_made_from_btf(options.headers, btf), *filter},
      query.summary_keys);
}

}  // namespace disksnoop
