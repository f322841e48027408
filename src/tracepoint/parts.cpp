#include "tracepoint/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "parts/by_cgroup.h"
#include "parts/by_comm.h"
#include "parts/by_disk.h"
#include "parts/by_file.h"
#include "parts/by_op.h"
#include "parts/by_partition.h"
#include "parts/by_pid.h"
#include "parts/cgroup.h"
#include "parts/disk.h"
#include "parts/error.h"
#include "parts/file.h"
#include "parts/partition.h"
#include "parts/pattern.h"
#include "parts/queue.h"
#include "parts/sector.h"
#include "parts/submitter.h"
#include "tracepoint/filter_parts.h"
#include "tracepoint/part_records.h"
#include "tracepoint/part_text.h"

namespace disksnoop {
namespace {

/// A macro with the value of an enumerator.
Result<std::string> macro_of(const PartFacts& facts, std::string_view macro,
                             std::string_view enum_name, std::string_view name) {
  const auto value = facts.types->enumerator(enum_name, name);
  if (!value) return std::unexpected(not_in_btf(fmt::format("{} {}", enum_name, name)));
  return fmt::format("#define {} {}\n", macro, *value);
}

Result<std::string> nothing(const PartFacts& /*facts*/) { return ""; }

/// Where it lies near the other members, it is read with them.
Result<std::string> queue_prologue(const PartFacts& facts) {
  constexpr std::uint32_t kNear = 64;
  if (facts.types == nullptr) return "";
  const auto last = facts.types->find_member("request", "biotail");
  const auto start = facts.types->find_member("request", "start_time_ns");
  if (!last || !start || start->offset > last->offset + kNear) return "";
  return "#define REQUEST_LAST start_time_ns\n";
}

Result<std::string> gendisk_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  return facts.types->find_member("request", "rq_disk") ? "#define HAVE_RQ_DISK\n" : "";
}

Result<std::string> partition_prologue(const PartFacts& facts) {
  if (facts.types->find_member("hd_struct", "partno")) {
    return "#define PARTITION_NUMBER partno\nstruct hd_struct;\n";
  }
  const auto member = first_member(*facts.types, "block_device", {"bd_partno", "__bd_flags"});
  if (!member) return std::unexpected(member.error());
  return fmt::format("#define PARTITION_NUMBER {}\nstruct block_device;\n", *member);
}

Result<std::string> error_prologue(const PartFacts& facts) {
  return facts.types != nullptr ? Result<std::string>("") : std::unexpected(kNoBtf);
}

Result<std::string> bio_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  std::uint64_t begin = ~std::uint64_t{0};
  std::uint64_t end = 0;
  for (const std::string_view member :
       {"bi_iter", "bi_end_io", "bi_private", "bi_blkg", "bi_io_vec"}) {
    const auto place = facts.types->find_member("bio", member);
    if (!place) continue;
    begin = std::min<std::uint64_t>(begin, place->offset);
    end = std::max<std::uint64_t>(end, place->offset + place->size);
  }
  if (end == 0) return std::unexpected(not_in_btf("bio"));
  return fmt::format("#define BIO_BEGIN {}\n#define BIO_END {}\n", begin & ~std::uint64_t{7}, end);
}

/// Of structs that the kernel's headers do not show.
Result<std::string> private_structs(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  if (!facts.has_private_structs) {
    return fail("installed kernel headers do not show the structs that it needs (--headers=btf)");
  }
  return "";
}

Result<std::string> charged_prologue(const PartFacts& facts) {
  if (const auto shown = private_structs(facts); !shown) return shown;
  if (!facts.types->find_member("bio", "bi_blkg")) {
    return fail("the kernel has no cgroups for block I/O (CONFIG_BLK_CGROUP)");
  }
  const auto parent = first_member(*facts.types, "kernfs_node", {"__parent", "parent"});
  if (!parent) return std::unexpected(parent.error());
  return fmt::format("#define KERNFS_PARENT {}\n", *parent);
}

/// Where btrfs keeps the inode of a bio; nothing where it does not, or is not there.
std::string btrfs_macros(const PartFacts& facts) {
  const KernelTypes* const module = facts.types->module("btrfs");
  const KernelTypes& types = module != nullptr ? *module : *facts.types;
  const auto bio = types.find_member("btrfs_bio", "bio");
  const auto inode = types.find_member("btrfs_bio", "inode");
  const auto bbio = types.find_member("btrfs_dio_private", "bbio");
  const auto vfs_inode = types.find_member("btrfs_inode", "vfs_inode");
  if (!bio || !inode || !bbio || !vfs_inode) return "";
  return fmt::format("#define BTRFS_BIO {}\n#define BTRFS_BIO_INODE {}\n#define BTRFS_DIO_BBIO {}\n"
                     "#define BTRFS_VFS_INODE {}\n",
                     bio->offset, inode->offset, bbio->offset, vfs_inode->offset);
}

Result<std::string> direct_io_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  if (!facts.types->find_member("iomap_dio", "iocb")) {
    return std::unexpected(not_in_btf("iomap_dio.iocb"));
  }
  const auto device = first_member(*facts.types, "bio", {"bi_bdev", "bi_disk"});
  if (!device) return std::unexpected(device.error());
  return fmt::format("#define BIO_DEVICE {}\n{}", *device, btrfs_macros(facts));
}

Result<std::string> file_prologue(const PartFacts& facts) {
  if (!facts.types->find_member("bdev_inode", "vfs_inode")) {
    return std::unexpected(not_in_btf("bdev_inode.vfs_inode"));
  }
  std::string text;
  for (const auto& [macro, enum_name, name] : {
           std::array<std::string_view, 3>{"META_BIT", "req_flag_bits", "__REQ_META"},
           {"SWAP_BIT", "req_flag_bits", "__REQ_SWAP"},
           {"LOCKED_BIT", "pageflags", "PG_locked"},
           {"WRITEBACK_BIT", "pageflags", "PG_writeback"},
           {"SWAPCACHE_BIT", "pageflags", "PG_swapcache"},
           {"SWAPBACKED_BIT", "pageflags", "PG_swapbacked"},
       }) {
    const auto line = macro_of(facts, macro, enum_name, name);
    if (!line) return line;
    text += *line;
  }
  const auto head = first_member(*facts.types, "page", {"compound_head", "compound_info"});
  if (!head) return std::unexpected(head.error());
  text += fmt::format("#define PAGE_HEAD {}\n", *head);
  if (*head == "compound_info") text += "#define HAVE_COMPOUND_INFO\n";
  const auto mounted = first_member(*facts.types, "block_device", {"bd_super", "bd_holder_ops"});
  if (!mounted) return std::unexpected(mounted.error());
  text += fmt::format("#define BDEV_MOUNTED {}\n", *mounted);
  // A union with a name until 6.19, whose first member it is.
  const auto alias = first_member(*facts.types, "dentry", {"d_u", "d_alias"});
  if (!alias) return std::unexpected(alias.error());
  return text + fmt::format("#define DENTRY_ALIAS {}\n", *alias);
}

/// Of a part for columns of its own name, which takes a record.
Part column_part(std::string_view name, Part::Moment when, std::size_t size,
                 decltype(Part::prologue) prologue, decltype(Part::decode) decode,
                 std::vector<std::string_view> needs = {}) {
  return {.name = name,
          .columns = {name},
          .needs = std::move(needs),
          .when = when,
          .size = size,
          .prologue = prologue,
          .decode = decode};
}

Part only_requests(Part part) {
  part.only_requests = true;
  return part;
}

Part of_device(Part part) {
  part.of_device = true;
  return part;
}

/// Of a part by which a line of a summary stands for a value of this column.
Part key_part(std::string_view name, std::string_view column, std::size_t size,
              decltype(Part::decode) decode, std::vector<std::string_view> needs,
              std::vector<std::string_view> needs_with_bios = {}) {
  return {.name = name,
          .key = column,
          .needs = std::move(needs),
          .needs_with_bios = std::move(needs_with_bios),
          .when = Part::Moment::kKey,
          .size = size,
          .prologue = nothing,
          .decode = decode};
}

}  // namespace

const std::vector<Part>& parts() {
  using enum Part::Moment;
  static const std::vector<Part> all = {
      {.name = "operation_filter",
       .when = kFilter,
       .prologue = operation_filter_prologue,
       .option = "--op",
       .is_asked = [](const ProgramFilter& filter) { return filter.operations.has_value(); }},
      {.name = "verdict", .prologue = verdict_prologue},
      {.name = "gendisk", .prologue = gendisk_prologue},
      {.name = "disk_filter",
       .needs = {"gendisk", "verdict"},
       .when = kFilter,
       .prologue = disk_filter_prologue,
       .option = "--disk",
       .is_asked = [](const ProgramFilter& filter) { return !filter.disk_condition.empty(); }},
      {.name = "bio_device",
       .needs = {"gendisk", "verdict"},
       .prologue = bio_device_prologue,
       .option = "a device without requests",
       .is_asked = [](const ProgramFilter& filter) { return filter.bios; }},
      only_requests(column_part("queue", kIssue, sizeof(queue_part), queue_prologue, decode_queue)),
      column_part("sector", kIssue, sizeof(sector_part), nothing, decode_sector),
      column_part("pattern", kIssue, sizeof(pattern_part), nothing, decode_pattern, {"gendisk"}),
      {.name = "bio", .prologue = bio_prologue},
      {.name = "task", .prologue = task_prologue},
      {.name = "process_filter",
       .needs = {"task", "submitter"},
       .when = kFilterAtIssue,
       .prologue = process_filter_prologue,
       .option = "--comm",
       .is_asked = [](const ProgramFilter& filter) { return !filter.comm_condition.empty(); }},
      {.name = "process_end",
       .needs = {"process_filter"},
       .prologue = process_end_prologue,
       .tracepoint = "sched_process_free",
       .function = "trace_process_free",
       .argument = "task_struct",
       .option = "--pid",
       .is_asked = [](const ProgramFilter& filter) { return filter.processes; }},
      {.name = "children",
       .needs = {"process_end"},
       .prologue = nothing,
       .tracepoint = "sched_process_fork",
       .function = "trace_fork",
       .argument = "task_struct",
       .option = "--children",
       .is_asked = [](const ProgramFilter& filter) { return filter.children; }},
      {.name = "submitter",
       .columns = {"pid", "comm"},
       .needs = {"task", "bio"},
       .when = kIssue,
       .size = sizeof(submitter_part),
       .prologue = nothing,
       .decode = decode_submitter,
       .tracepoint = "block_getrq",
       .function = "trace_getrq",
       .hook_of_requests = true},
      {.name = "path", .when = kAfterIssue, .prologue = private_structs},
      {.name = "charged", .needs = {"bio"}, .prologue = charged_prologue},
      {.name = "cgroup_filter",
       .needs = {"charged", "verdict"},
       .when = kFilterAtIssue,
       .prologue = nothing,
       .option = "--cgroup",
       .is_asked = [](const ProgramFilter& filter) { return filter.cgroups; }},
      column_part("cgroup", kIssue, sizeof(cgroup_part), nothing, decode_cgroup,
                  {"charged", "path"}),
      {.name = "direct_io", .needs = {"bio"}, .prologue = direct_io_prologue},
      column_part("file", kIssue, sizeof(file_part), file_prologue, decode_file,
                  {"submitter", "path", "direct_io"}),
      of_device(
          column_part("disk", kCompletion, sizeof(disk_part), nothing, decode_disk, {"gendisk"})),
      of_device(column_part("partition", kCompletion, sizeof(partition_part), partition_prologue,
                            decode_partition, {"disk"})),
      column_part("error", kCompletion, sizeof(error_part), error_prologue, decode_error),
      key_part("by_disk", "disk", sizeof(by_disk_part), decode_disk, {"gendisk"}, {"disk"}),
      key_part("by_partition", "partition", sizeof(by_partition_part), decode_partition,
               {"by_disk", "partition"}),
      key_part("by_op", "op", sizeof(by_op_part), decode_by_op, {}),
      key_part("by_comm", "comm", sizeof(by_comm_part), decode_by_comm, {"submitter"}),
      key_part("by_pid", "pid", sizeof(by_pid_part), decode_by_pid, {"submitter"}),
      key_part("by_cgroup", "cgroup", sizeof(by_cgroup_part), decode_cgroup, {"cgroup"}),
      key_part("by_file", "file", sizeof(by_file_part), decode_file, {"file"}),
  };
  return all;
}

Part::Moment moment_of(const Part& part, bool bios) {
  return bios && part.of_device ? Part::Moment::kIssue : part.when;
}

const Part& find_part(std::string_view name) {
  return *std::ranges::find(parts(), name, &Part::name);
}

}  // namespace disksnoop
