#include "tracepoint/filter_parts.h"

#include <fmt/format.h>

#include "tracepoint/part_text.h"

namespace disksnoop {
namespace {

/// The member that has the number of a partition, and the struct that it is in.
Result<std::string> partition_macros(const KernelTypes& types) {
  if (types.find_member("bio", "bi_bdev")) {
    const auto member = first_member(types, "block_device", {"bd_partno", "__bd_flags"});
    if (!member) return std::unexpected(member.error());
    return fmt::format("#define PARTITION_OF_BIO {}\nstruct bio;\nstruct block_device;\n", *member);
  }
  if (types.find_member("hd_struct", "partno")) {
    return "#define PARTITION_OF_REQUEST partno\nstruct hd_struct;\n";
  }
  const auto member = first_member(types, "block_device", {"bd_partno"});
  if (!member) return std::unexpected(member.error());
  return fmt::format("#define PARTITION_OF_REQUEST {}\nstruct block_device;\n", *member);
}

/// Where a member of struct task_struct is, which is too large to be declared.
Result<std::string> task_macro(const KernelTypes& types, std::string_view macro,
                               std::string_view member) {
  const auto place = types.find_member("task_struct", member);
  if (!place) return std::unexpected(not_in_btf(fmt::format("task_struct.{}", member)));
  return fmt::format("#define {} {}\n", macro, place->offset);
}

}  // namespace

Result<std::string> operation_filter_prologue(const PartFacts& facts) {
  return fmt::format("#define OPERATIONS {:#x}ULL\n", *facts.filter.operations);
}

Result<std::string> verdict_prologue(const PartFacts& facts) {
  // The kernel has bpf_jiffies64 since 5.6, but programs on tracepoints may call it only since
  // 5.9, which this one came with.
  const bool has =
      facts.types != nullptr && facts.types->enumerator("bpf_func_id", "BPF_FUNC_get_task_stack");
  return has ? "#define HAVE_JIFFIES\n" : "";
}

Result<std::string> disk_filter_prologue(const PartFacts& facts) {
  const auto partitions =
      facts.filter.partitions ? partition_macros(*facts.types) : Result<std::string>("");
  if (!partitions) return partitions;
  return fmt::format("#define DISK_WANTED {}\n{}", facts.filter.disk_condition, *partitions);
}

Result<std::string> bio_device_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  const auto flush = facts.types->enumerator("req_flag_bits", "__REQ_PREFLUSH");
  if (!flush) return std::unexpected(not_in_btf("req_flag_bits __REQ_PREFLUSH"));
  const std::string text = fmt::format("#define PREFLUSH_BIT {}\nstruct bio;\n", *flush);
  if (facts.types->find_member("bio", "bi_disk")) {  // before 5.12
    if (!facts.filter.partitions) return text;
    return fail("the kernel does not tell to which of its partitions a bio goes");
  }
  const auto member = first_member(*facts.types, "block_device", {"bd_partno", "__bd_flags"});
  if (!member) return std::unexpected(member.error());
  return fmt::format("{}#define BIO_BDEV {}\nstruct block_device;\n", text, *member);
}

Result<std::string> process_filter_prologue(const PartFacts& facts) {
  const ProgramFilter& filter = facts.filter;
  std::string text = "#define PROCESS_FILTER\n";
  if (filter.processes) text += "#define PROCESSES\n";
  if (!filter.comm_condition.empty()) {
    text += fmt::format("#define COMM_WANTED {}\n", filter.comm_condition);
  }
  if (filter.children) text += "#define CHILDREN\n";
  if (const auto& in = filter.pid_namespace) {
    constexpr std::string_view kHelper = "BPF_FUNC_get_ns_current_pid_tgid";  // since 5.7
    if (facts.types == nullptr || !facts.types->enumerator("bpf_func_id", kHelper)) {
      return fail("the kernel does not tell programs the numbers of a pid namespace");
    }
    text += fmt::format("#define NAMESPACE_DEVICE {}ULL\n#define NAMESPACE_INODE {}ULL\n",
                        in->device, in->inode);
  }
  return text;
}

Result<std::string> task_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  return task_macro(*facts.types, "TASK_COMM", "comm");
}

Result<std::string> process_end_prologue(const PartFacts& facts) {
  if (facts.types == nullptr) return std::unexpected(kNoBtf);
  const auto pid = task_macro(*facts.types, "TASK_PID", "pid");
  const auto tgid = task_macro(*facts.types, "TASK_TGID", "tgid");
  if (!pid || !tgid) return pid ? tgid : pid;
  return *pid + *tgid;
}

}  // namespace disksnoop
