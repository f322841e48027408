#include "tracepoint/program_config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "block_rq.h"
#include "fake_kernel_types.h"
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
#include "request/summary.h"

namespace disksnoop {
namespace {

using Names = std::vector<std::string>;

ProgramConfig configure(const std::string& columns, const KernelTypes* types,
                        bool has_private_structs = true, const ProgramFilter& filter = {}) {
  const auto config =
      configure_program(*parse_columns(columns), {types, has_private_structs, filter});
  EXPECT_TRUE(config) << config.error().message;
  return *config;
}

Names names_of(const ProgramConfig& config) {
  Names names;
  for (const Part* part : config.parts) names.emplace_back(part->name);
  return names;
}

Names parts_for(const std::string& columns) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = configure(columns, &types);
  EXPECT_TRUE(config.warnings.empty());
  return names_of(config);
}

TEST(ProgramConfig, TheUsualColumnsTakeNoPart) {
  for (const FakeKernelTypes& types : {kernel_5_10(), kernel_6_1(), kernel_7_2()}) {
    const ProgramConfig config = configure("time,type,op,clock,bytes,latency", &types);
    EXPECT_TRUE(config.parts.empty());
    EXPECT_TRUE(config.hooks.empty());
    EXPECT_TRUE(config.warnings.empty());
    EXPECT_EQ(config.entry_size(), sizeof(start_t));
    EXPECT_EQ(config.record_size(), sizeof(event_t));
  }
}

TEST(ProgramConfig, AColumnTakesWhatItNeedsAndNoMore) {
  EXPECT_EQ(parts_for("queue"), Names{"queue"});
  EXPECT_EQ(parts_for("sector"), Names{"sector"});
  EXPECT_EQ(parts_for("pattern"), (Names{"gendisk", "pattern"}));
  EXPECT_EQ(parts_for("pid"), (Names{"bio", "task", "submitter"}));
  EXPECT_EQ(parts_for("comm"), (Names{"bio", "task", "submitter"}));
  EXPECT_EQ(parts_for("pid,comm"), (Names{"bio", "task", "submitter"}));
  EXPECT_EQ(parts_for("cgroup"), (Names{"bio", "path", "charged", "cgroup"}));
  EXPECT_EQ(parts_for("file"), (Names{"bio", "task", "submitter", "path", "direct_io", "file"}));
  EXPECT_EQ(parts_for("disk"), (Names{"gendisk", "disk"}));
  EXPECT_EQ(parts_for("partition"), (Names{"gendisk", "disk", "partition"}));
  EXPECT_EQ(parts_for("error"), Names{"error"});
}

TEST(ProgramConfig, TheOrderOfTheColumnsIsNotThatOfTheParts) {
  EXPECT_EQ(parts_for("error,disk,file,sector,queue"), parts_for("queue,sector,file,disk,error"));
}

TEST(ProgramConfig, SizesAreThoseOfTheRecords) {
  const FakeKernelTypes types = kernel_6_1();
  struct Case {
    std::string column;
    std::size_t at_issue;
    std::size_t at_completion;
  };
  for (const auto& [column, at_issue, at_completion] :
       std::vector<Case>{{"queue", sizeof(queue_part), 0},
                         {"sector", sizeof(sector_part), 0},
                         {"pattern", sizeof(pattern_part), 0},
                         {"comm", sizeof(submitter_part), 0},
                         {"cgroup", sizeof(cgroup_part), 0},
                         {"file", sizeof(submitter_part) + sizeof(file_part), 0},
                         {"disk", 0, sizeof(disk_part)},
                         {"partition", 0, sizeof(disk_part) + sizeof(partition_part)},
                         {"error", 0, sizeof(error_part)},
                         {"sector,error", sizeof(sector_part), sizeof(error_part)}}) {
    const ProgramConfig config = configure(column, &types);
    EXPECT_EQ(config.entry_size(), sizeof(start_t) + at_issue) << column;
    EXPECT_EQ(config.record_size(), sizeof(event_t) + at_issue + at_completion) << column;
  }
}

TEST(ProgramConfig, WhatIsTakenAtTheIssueComesFirstInARecord) {
  bool completion_seen = false;
  for (const Part& part : parts()) {
    if (part.when == Part::Moment::kCompletion) completion_seen = true;
    EXPECT_FALSE(completion_seen && part.when == Part::Moment::kIssue) << part.name;
  }
}

TEST(ProgramConfig, MacrosAreThoseOfTheKernel) {
  const std::map<std::string, std::pair<FakeKernelTypes, std::vector<std::string>>> kernels = {
      {"5.10",
       {kernel_5_10(),
        {"#define HAVE_RQ_DISK\n", "#define PARTITION_NUMBER partno\nstruct hd_struct;\n",
         "#define KERNFS_PARENT parent\n", "#define PAGE_HEAD compound_head\n",
         "#define DENTRY_ALIAS d_u\n"}}},
      {"6.1",
       {kernel_6_1(),
        {"#define PARTITION_NUMBER bd_partno\nstruct block_device;\n",
         "#define KERNFS_PARENT parent\n", "#define PAGE_HEAD compound_head\n",
         "#define DENTRY_ALIAS d_u\n", "#define META_BIT 12\n", "#define SWAP_BIT 25\n",
         "#define LOCKED_BIT 0\n", "#define WRITEBACK_BIT 15\n", "#define SWAPCACHE_BIT 10\n",
         "#define SWAPBACKED_BIT 19\n"}}},
      {"7.2",
       {kernel_7_2(),
        {"#define PARTITION_NUMBER __bd_flags\nstruct block_device;\n",
         "#define KERNFS_PARENT __parent\n",
         "#define PAGE_HEAD compound_info\n#define HAVE_COMPOUND_INFO\n",
         "#define DENTRY_ALIAS d_alias\n"}}}};
  for (const auto& [kernel, types_and_macros] : kernels) {
    const auto& [types, macros] = types_and_macros;
    const ProgramConfig config = configure("partition,cgroup,file,pattern", &types);
    EXPECT_TRUE(config.warnings.empty()) << kernel;
    for (const std::string& macro : macros) {
      EXPECT_TRUE(config.text.contains(macro)) << kernel;
    }
    EXPECT_EQ(config.text.contains("#define HAVE_RQ_DISK\n"), kernel == "5.10") << kernel;
    EXPECT_EQ(config.text.contains("#define HAVE_COMPOUND_INFO\n"), kernel == "7.2") << kernel;
  }
}

TEST(ProgramConfig, BothNamesOfAMemberAreLookedFor) {
  FakeKernelTypes types = kernel_7_2();
  types.members.erase({"dentry", "d_alias"});
  types.members.insert({"dentry", "d_u"});
  EXPECT_TRUE(configure("file", &types).text.contains("#define DENTRY_ALIAS d_u\n"));
}

TEST(ProgramConfig, TheSubmitterHasAHookOfItsOwn) {
  const FakeKernelTypes new_types = kernel_6_1();
  for (const char* const column : {"pid", "comm", "file"}) {
    const ProgramConfig config = configure(column, &new_types);
    ASSERT_EQ(config.hooks.size(), 1U) << column;
    EXPECT_EQ(config.hooks[0].kind, HookKind::kRawTracepoint);
    EXPECT_EQ(config.hooks[0].target, "block_getrq");
    EXPECT_EQ(config.hooks[0].function, "trace_getrq");
  }
  const FakeKernelTypes old_types = kernel_5_10();
  const ProgramConfig config = configure("pid,comm,file", &old_types);
  ASSERT_EQ(config.hooks.size(), 1U);
  EXPECT_EQ(config.hooks[0].function, "trace_getrq_q");
  EXPECT_TRUE(configure("queue,sector,disk,cgroup,error", &new_types).hooks.empty());
}

TEST(ProgramConfig, HooksComeBeforeThatOfTheIssue) {
  const auto hook = [](const char* target) {
    return Hook{HookKind::kRawTracepoint, target, "", ""};
  };
  ProbePlan plan;
  plan.hooks = {hook("block_rq_complete"), hook("block_rq_issue")};
  plan.hooks[1].begins = true;
  ProgramConfig config;
  config.hooks = {hook("block_getrq")};
  plan = with_hooks(plan, config);
  ASSERT_EQ(plan.hooks.size(), 3U);
  EXPECT_EQ(plan.hooks[0].target, "block_rq_complete");
  EXPECT_EQ(plan.hooks[1].target, "block_getrq");
  EXPECT_EQ(plan.hooks[2].target, "block_rq_issue");
}

/// Of a kernel without something: the warnings, and the parts that are left.
void expect_missing(const FakeKernelTypes& types, const std::string& column,
                    const std::string& reason) {
  const ProgramConfig config = configure(column + ",queue,error", &types);
  EXPECT_EQ(config.warnings, (Names{"the column " + column + " is - here: " + reason}));
  EXPECT_EQ(names_of(config), (Names{"queue", "error"}));
}

TEST(ProgramConfig, WhatAKernelCannotGiveIsToldAndTheOthersGoOn) {
  const auto without_member = [](const std::string& struct_name, const std::string& member) {
    FakeKernelTypes types = kernel_6_1();
    EXPECT_EQ(types.members.erase({struct_name, member}), 1U) << struct_name << "." << member;
    return types;
  };
  expect_missing(without_member("block_device", "bd_partno"), "partition",
                 "the kernel's BTF has no block_device.bd_partno");
  expect_missing(without_member("bio", "bi_blkg"), "cgroup",
                 "the kernel has no cgroups for block I/O (CONFIG_BLK_CGROUP)");
  expect_missing(without_member("kernfs_node", "parent"), "cgroup",
                 "the kernel's BTF has no kernfs_node.__parent");
  expect_missing(without_member("iomap_dio", "iocb"), "file",
                 "the kernel's BTF has no iomap_dio.iocb");
  expect_missing(without_member("bdev_inode", "vfs_inode"), "file",
                 "the kernel's BTF has no bdev_inode.vfs_inode");
  expect_missing(without_member("page", "compound_head"), "file",
                 "the kernel's BTF has no page.compound_head");
  expect_missing(without_member("dentry", "d_u"), "file", "the kernel's BTF has no dentry.d_u");
  for (const auto& [name, value] : kernel_6_1().enumerators) {
    FakeKernelTypes types = kernel_6_1();
    types.enumerators.erase(name);
    expect_missing(types, "file", "the kernel's BTF has no " + name.first + " " + name.second);
  }
}

TEST(ProgramConfig, WithoutABioThereIsNoSubmitter) {
  FakeKernelTypes types = kernel_6_1();
  std::erase_if(types.members, [](const auto& name) { return name.first == "bio"; });
  expect_missing(types, "pid", "the kernel's BTF has no bio");
}

TEST(ProgramConfig, WithoutTheTracepointThereIsNoSubmitter) {
  FakeKernelTypes types = kernel_6_1();
  types.tracepoints.erase("block_getrq");
  expect_missing(types, "pid", "it is not known what block_getrq has");
  expect_missing(types, "comm", "it is not known what block_getrq has");
  expect_missing(types, "file", "it is not known what block_getrq has");
  types.tracepoints["block_getrq"] = {};
  expect_missing(types, "pid", "it is not known what block_getrq has");
  types.tracepoints["block_getrq"] = {"request"};
  expect_missing(types, "pid", "block_getrq has no bio");
  types.tracepoints["block_getrq"] = {"request_queue", "request"};
  expect_missing(types, "pid", "block_getrq has no bio");
}

TEST(ProgramConfig, WithoutBtfOnlyWhatNeedsNone) {
  const ProgramConfig config =
      configure("queue,sector,pattern,pid,comm,cgroup,file,disk,partition,error,bytes,op", nullptr);
  EXPECT_EQ(names_of(config), (Names{"queue", "sector"}));
  EXPECT_TRUE(config.hooks.empty());
  EXPECT_EQ(config.warnings, (Names{"the column pattern is - here: this kernel has no BTF",
                                    "the column pid is - here: this kernel has no BTF",
                                    "the column comm is - here: this kernel has no BTF",
                                    "the column cgroup is - here: this kernel has no BTF",
                                    "the column file is - here: this kernel has no BTF",
                                    "the column disk is - here: this kernel has no BTF",
                                    "the column partition is - here: this kernel has no BTF",
                                    "the column error is - here: this kernel has no BTF"}));
}

TEST(ProgramConfig, InstalledHeadersDoNotShowAllStructs) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = configure("pid,cgroup,file,disk,partition,error,queue", &types,
                                         /*has_private_structs=*/false);
  const std::string reason =
      " is - here: installed kernel headers do not show the structs that it needs "
      "(--headers=btf)";
  EXPECT_EQ(config.warnings, (Names{"the column cgroup" + reason, "the column file" + reason}));
  EXPECT_EQ(names_of(config),
            (Names{"gendisk", "queue", "bio", "task", "submitter", "disk", "partition", "error"}));
}

ProgramConfig filtered(const ProgramFilter& filter, const FakeKernelTypes& types) {
  return configure("bytes", &types, true, filter);
}

TEST(ProgramConfig, ADiskThatIsWantedIsAPartToo) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = filtered({.disk_condition = "name[0] == 42"}, types);
  EXPECT_EQ(names_of(config), (Names{"verdict", "gendisk", "disk_filter"}));
  EXPECT_TRUE(config.text.contains("#define DISK_WANTED name[0] == 42\n"));
  EXPECT_TRUE(config.text.contains("#define WANTED(REQ) (1 && disk_filter(REQ))\n"));
  EXPECT_EQ(config.record_size(), sizeof(event_t));
  EXPECT_TRUE(configure("bytes", &types).text.contains("#define WANTED(REQ) (1)\n"));
}

TEST(ProgramConfig, APartitionIsOfTheBioWhereItHasOne) {
  const ProgramFilter filter = {.disk_condition = "partition == 1", .partitions = true};
  for (const auto& [types, line] :
       {std::pair{kernel_5_10(), "#define PARTITION_OF_REQUEST partno\nstruct hd_struct;\n"},
        {kernel_6_1(), "#define PARTITION_OF_BIO bd_partno\nstruct bio;\nstruct block_device;\n"},
        {kernel_7_2(), "#define PARTITION_OF_BIO __bd_flags\n"}}) {
    EXPECT_TRUE(filtered(filter, types).text.contains(line)) << line;
  }
}

TEST(ProgramConfig, WithoutBtfADiskCannotBeWanted) {
  const auto config =
      configure_program(usual_columns(), {nullptr, true, {.disk_condition = "name[0] == 42"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, "--disk cannot be had here: this kernel has no BTF");
}

TEST(ProgramConfig, WithoutBtfOperationsAndTimesCanBeWanted) {
  const auto config =
      configure_program(usual_columns(), {nullptr, true, {.operations = 3, .min_ns = 1}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->text.contains("#define OPERATIONS 0x3ULL\n"));
}

TEST(ProgramConfig, EachFilterIsThePartThatItNeeds) {
  FakeKernelTypes types = kernel_6_1();
  types.members.insert({{"task_struct", "pid"}, {"task_struct", "tgid"}});
  types.tracepoints["sched_process_free"] = {"task_struct"};
  types.tracepoints["sched_process_fork"] = {"task_struct", "task_struct"};
  EXPECT_EQ(names_of(filtered({.operations = 1}, types)), Names{"operation_filter"});
  EXPECT_EQ(names_of(filtered({.comm_condition = "name[0] == 42"}, types)),
            (Names{"bio", "task", "process_filter", "submitter"}));
  EXPECT_EQ(names_of(filtered({.processes = true}, types)),
            (Names{"bio", "task", "process_filter", "process_end", "submitter"}));
  EXPECT_EQ(names_of(filtered({.processes = true, .children = true}, types)),
            (Names{"bio", "task", "process_filter", "process_end", "children", "submitter"}));
  EXPECT_EQ(names_of(filtered({.cgroups = true}, types)),
            (Names{"verdict", "bio", "charged", "cgroup_filter"}));
  EXPECT_EQ(names_of(filtered({.min_ns = 1, .errors = true}, types)), Names());
}

TEST(ProgramConfig, AFilterIsDecidedAsEarlyAsItCanBe) {
  FakeKernelTypes types = kernel_6_1();
  const std::string text = filtered({.operations = 1,
                                     .comm_condition = "name[0] == 42",
                                     .cgroups = true,
                                     .min_ns = 50'000,
                                     .errors = true},
                                    types)
                               .text;
  EXPECT_TRUE(text.contains("#define WANTED(REQ) (1 && operation_filter(REQ))\n"));
  EXPECT_TRUE(text.contains("#define MAY_BE_WANTED(REQ) (1 && process_may_be_wanted(REQ))\n"));
  EXPECT_TRUE(
      text.contains("#define WANTED_AT_ISSUE(CTX, ISSUED) (1 && process_filter(CTX, ISSUED) "
                    "&& cgroup_filter(CTX, ISSUED))\n"));
  EXPECT_TRUE(text.contains("#define KEPT(NS, ERROR) (1 && (NS) >= 50000ULL && (ERROR) != 0)\n"));
  EXPECT_FALSE(filtered({.min_ns = 1}, types).text.contains("#define WANTED_IS_KNOWN_AT_ISSUE"));
}

TEST(ProgramConfig, AFilterThatTheKernelCannotHaveIsNamed) {
  const FakeKernelTypes types = kernel_6_1();
  const auto config =
      configure_program(usual_columns(), {&types, true, {.processes = true, .children = true}});
  ASSERT_FALSE(config);
  EXPECT_TRUE(config.error().message.starts_with("--pid cannot be had here: "))
      << config.error().message;
}

/// Each of them alone; what needs none of them is as ever.
TEST(ProgramConfig, AFilterWhoseTracepointIsMissingIsNamed) {
  FakeKernelTypes all = kernel_6_1();
  all.members.insert({{"task_struct", "pid"}, {"task_struct", "tgid"}});
  all.tracepoints["sched_process_free"] = {"task_struct"};
  all.tracepoints["sched_process_fork"] = {"task_struct", "task_struct"};
  const ProgramFilter by_comm = {.comm_condition = "name[0] == 42"};
  const ProgramFilter by_pid = {.processes = true};
  const ProgramFilter by_children = {.processes = true, .children = true};
  const auto error_without = [&](const std::string& tracepoint, const ProgramFilter& filter) {
    FakeKernelTypes types = all;
    EXPECT_EQ(types.tracepoints.erase(tracepoint), 1U) << tracepoint;
    const auto config = configure_program(usual_columns(), {&types, true, filter});
    return config ? "" : config.error().message;
  };
  const auto told = [](const std::string& option, const std::string& tracepoint) {
    return option + " cannot be had here: it is not known what " + tracepoint + " has";
  };
  EXPECT_EQ(error_without("block_getrq", by_comm), told("--comm", "block_getrq"));
  EXPECT_EQ(error_without("block_getrq", by_pid), told("--pid", "block_getrq"));
  EXPECT_EQ(error_without("sched_process_free", by_pid), told("--pid", "sched_process_free"));
  EXPECT_EQ(error_without("sched_process_fork", by_children),
            told("--children", "sched_process_fork"));
  EXPECT_EQ(error_without("sched_process_free", by_comm), "");
  EXPECT_EQ(error_without("sched_process_fork", by_pid), "");
  for (const auto& [tracepoint, arguments] : all.tracepoints) {
    EXPECT_EQ(error_without(tracepoint, {.operations = 1, .min_ns = 1}), "") << tracepoint;
  }
}

FakeKernelTypes with_bios(FakeKernelTypes types, const std::vector<std::string>& arguments) {
  types.enumerators[{"req_flag_bits", "__REQ_PREFLUSH"}] = 18;
  types.tracepoints["block_bio_queue"] = arguments;
  return types;
}

Names targets_of(const ProgramConfig& config) {
  const auto hook = [](const char* target, bool begins) {
    return Hook{HookKind::kRawTracepoint, target, "", "", "", begins};
  };
  const ProbePlan requests = {.hooks = {hook("block_rq_complete", false),
                                        hook("block_rq_requeue", false),
                                        hook("block_rq_issue", true)}};
  Names targets;
  for (const Hook& each : with_hooks(requests, config).hooks) targets.push_back(each.target);
  return targets;
}

TEST(ProgramConfig, OnlyTheHooksOfWhatIsTraced) {
  const FakeKernelTypes types = with_bios(kernel_6_1(), {"bio"});
  const auto targets = [&types](bool requests, bool bios) {
    return targets_of(configure("pid", &types, true, {.requests = requests, .bios = bios}));
  };
  EXPECT_EQ(targets(true, false),
            (Names{"block_rq_complete", "block_rq_requeue", "block_getrq", "block_rq_issue"}));
  EXPECT_EQ(targets(false, true), (Names{"block_bio_complete", "block_bio_queue"}));
  EXPECT_EQ(targets(true, true),
            (Names{"block_rq_complete", "block_rq_requeue", "block_getrq", "block_bio_complete",
                   "block_rq_issue", "block_bio_queue"}));
}

TEST(ProgramConfig, ADeviceIsTakenAtTheIssueWhereBiosAre) {
  const FakeKernelTypes types = with_bios(kernel_6_1(), {"bio"});
  const ProgramConfig config = configure("partition,error", &types, true, {.bios = true});
  EXPECT_EQ(config.entry_size(), sizeof(start_t) + sizeof(disk_part) + sizeof(partition_part));
  EXPECT_EQ(config.record_size(),
            sizeof(event_t) + sizeof(disk_part) + sizeof(partition_part) + sizeof(error_part));
  EXPECT_TRUE(config.text.contains("disk_at_issue(CTX, ISSUED, &(ENTRY).disk);"));
  EXPECT_FALSE(config.text.contains("disk_at_completion(REQ, ERROR, &(RECORD).disk);"));
  const auto summary =
      configure_program({}, {&types, true, {.bios = true}}, *parse_summary_keys("disk"));
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(names_of(*summary),
            (Names{"verdict", "gendisk", "bio_device", "queue", "disk", "by_disk"}));
}

TEST(ProgramConfig, OfABioNothingIsTakenThatOnlyRequestsHave) {
  const FakeKernelTypes types = with_bios(kernel_6_1(), {"bio"});
  const std::string text = configure("queue,sector", &types, true, {.bios = true}).text;
  EXPECT_TRUE(text.contains("#define AT_ISSUE(CTX, ISSUED, ENTRY) { "
                            "queue_at_issue(CTX, ISSUED, &(ENTRY).queue); "
                            "sector_at_issue(CTX, ISSUED, &(ENTRY).sector); }\n"));
  EXPECT_TRUE(text.contains("#define AT_BIO_QUEUE(CTX, ISSUED, ENTRY) { "
                            "sector_at_issue(CTX, ISSUED, &(ENTRY).sector); }\n"));
}

TEST(ProgramConfig, ABioIsReadAsTheKernelHasIt) {
  const ProgramFilter filter = {.bios = true, .operations = 1};
  for (const auto& [types, function, line] :
       {std::tuple{with_bios(kernel_5_10(), {"request_queue", "bio"}), "trace_bio_queue_q",
                   "#define PREFLUSH_BIT 18\n"},
        {with_bios(kernel_6_1(), {"bio"}), "trace_bio_queue", "#define BIO_BDEV bd_partno\n"},
        {with_bios(kernel_7_2(), {"bio"}), "trace_bio_queue", "#define BIO_BDEV __bd_flags\n"}}) {
    const ProgramConfig config = filtered(filter, types);
    EXPECT_EQ(config.hooks.back().function, function);
    EXPECT_TRUE(config.text.contains(line)) << line;
    EXPECT_TRUE(config.text.contains(
        "#define WANTED_BIO(ISSUED) (1 && operation_filter_of_bio(ISSUED))\n"));
    EXPECT_EQ(config.text.contains("#define BIO_BDEV"), std::string(function) == "trace_bio_queue");
  }
}

TEST(ProgramConfig, ADeviceWithoutRequestsThatCannotBeHadIsTold) {
  const auto error_of = [](const FakeKernelTypes* types, const ProgramFilter& filter) {
    const auto config = configure_program(usual_columns(), {types, true, filter});
    return config ? "" : config.error().message;
  };
  const std::string begin = "a device without requests cannot be had here: ";
  EXPECT_EQ(error_of(nullptr, {.bios = true}), begin + "this kernel has no BTF");
  const FakeKernelTypes old_types = with_bios(kernel_5_10(), {"request_queue", "bio"});
  EXPECT_EQ(error_of(&old_types, {.bios = true}), "");
  EXPECT_EQ(error_of(&old_types, {.bios = true, .partitions = true}),
            begin + "the kernel does not tell to which of its partitions a bio goes");
  FakeKernelTypes without = with_bios(kernel_6_1(), {"bio"});
  without.tracepoints.erase("block_bio_queue");
  EXPECT_EQ(error_of(&without, {.bios = true}), begin + "it is not known what block_bio_queue has");
}

TEST(ProgramConfig, WhatWasNotAskedForIsNotInTheText) {
  const FakeKernelTypes types = kernel_6_1();
  const std::string usual = configure("time,type,bytes,latency", &types).text;
  for (const Part& part : parts()) {
    EXPECT_FALSE(usual.contains(std::string(part.name) + "_at_")) << part.name;
  }
  EXPECT_FALSE(usual.contains("submitters"));
  EXPECT_FALSE(usual.contains("queue_bio"));
  EXPECT_FALSE(usual.contains("BIOS"));
  const std::string sector = configure("sector", &types).text;
  EXPECT_TRUE(sector.contains("sector_at_issue(CTX, ISSUED, &(ENTRY).sector);"));
  EXPECT_FALSE(sector.contains("queue_at_issue"));
}

ProgramConfig summary_of(const std::string& keys, const KernelTypes* types,
                         const Columns& columns = {}) {
  const auto config =
      configure_program(columns, {types, true, ProgramFilter()}, *parse_summary_keys(keys));
  EXPECT_TRUE(config) << config.error().message;
  return *config;
}

Names parts_for_summary(const std::string& keys) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = summary_of(keys, &types);
  EXPECT_TRUE(config.warnings.empty());
  return names_of(config);
}

TEST(ProgramConfig, ASummaryTakesTheQueueAndItsKeysAlone) {
  EXPECT_EQ(parts_for_summary("op"), (Names{"queue", "by_op"}));
  EXPECT_EQ(parts_for_summary("disk"), (Names{"gendisk", "queue", "by_disk"}));
  EXPECT_EQ(parts_for_summary("op,disk"), (Names{"gendisk", "queue", "by_disk", "by_op"}));
  EXPECT_EQ(parts_for_summary("partition"),
            (Names{"gendisk", "queue", "disk", "partition", "by_disk", "by_partition"}));
  EXPECT_EQ(parts_for_summary("pid"), (Names{"queue", "bio", "task", "submitter", "by_pid"}));
  EXPECT_EQ(parts_for_summary("comm,pid"),
            (Names{"queue", "bio", "task", "submitter", "by_comm", "by_pid"}));
  EXPECT_EQ(parts_for_summary("cgroup"),
            (Names{"queue", "bio", "path", "charged", "cgroup", "by_cgroup"}));
  EXPECT_EQ(parts_for_summary("file"),
            (Names{"queue", "bio", "task", "submitter", "path", "direct_io", "file", "by_file"}));
}

TEST(ProgramConfig, AKeyIsAsLargeAsItsParts) {
  const FakeKernelTypes types = kernel_6_1();
  for (const auto& [keys, size] : std::vector<std::pair<std::string, std::size_t>>{
           {"op", sizeof(by_op_part)},
           {"disk", sizeof(by_disk_part)},
           {"disk,op", sizeof(by_disk_part) + sizeof(by_op_part)},
           {"partition", sizeof(by_disk_part) + sizeof(by_partition_part)},
           {"comm", sizeof(by_comm_part)},
           {"pid", sizeof(by_pid_part)},
           {"cgroup", sizeof(by_cgroup_part)},
           {"file", sizeof(by_file_part)}}) {
    EXPECT_EQ(summary_of(keys, &types).key_size(), size) << keys;
  }
  const ProgramConfig config = summary_of("disk,op", &types);
  EXPECT_EQ(config.entry_size(), sizeof(start_t) + sizeof(queue_part));
  EXPECT_EQ(configure("disk,op", &types).key_size(), 0U);
}

constexpr std::string_view kEvents = "(events,";  // the map

TEST(ProgramConfig, ASummarySendsNothingButNames) {
  const FakeKernelTypes types = kernel_6_1();
  for (const std::string keys : {"op", "disk,op", "partition", "comm,pid"}) {
    const ProgramConfig config = summary_of(keys, &types);
    EXPECT_FALSE(config.has_events) << keys;
    EXPECT_FALSE(config.text.contains(kEvents)) << keys;
    EXPECT_FALSE(config.text.contains("send_record")) << keys;
    EXPECT_TRUE(config.text.contains("count_request(REQ, ERROR, ENTRY, bpf_ktime_get_ns() - "
                                     "(ENTRY)->start.ts)\n"))
        << keys;
  }
  for (const std::string keys : {"cgroup", "file", "disk,file"}) {
    const ProgramConfig config = summary_of(keys, &types);
    EXPECT_TRUE(config.has_events) << keys;
    EXPECT_TRUE(config.text.contains(kEvents)) << keys;
    EXPECT_FALSE(config.text.contains("send_record")) << keys;
  }
}

TEST(ProgramConfig, RowsHaveNoSummary) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = configure("disk,op,file", &types);
  EXPECT_TRUE(config.has_events);
  EXPECT_TRUE(config.text.contains("#define DELIVER(CTX, REQ, ERROR, ENTRY) "
                                   "send_record(CTX, REQ, ERROR, ENTRY)\n"));
  for (const std::string_view part : {"count_request", "line_key_t", "bucket_of_ns", "AT_KEY"}) {
    EXPECT_FALSE(config.text.contains(part)) << part;
  }
}

TEST(ProgramConfig, RowsAndASummaryGoTogether) {
  const FakeKernelTypes types = kernel_6_1();
  const ProgramConfig config = summary_of("disk,op", &types, *parse_columns("disk,error"));
  EXPECT_EQ(names_of(config), (Names{"gendisk", "queue", "disk", "error", "by_disk", "by_op"}));
  EXPECT_TRUE(config.has_events);
  EXPECT_TRUE(config.text.contains(
      "count_request(REQ, ERROR, ENTRY, send_record(CTX, REQ, ERROR, ENTRY))\n"));
  EXPECT_EQ(config.key_size(), sizeof(by_disk_part) + sizeof(by_op_part));
  EXPECT_EQ(config.record_size(),
            sizeof(event_t) + sizeof(queue_part) + sizeof(disk_part) + sizeof(error_part));
}

TEST(ProgramConfig, AKeyIsMadeInTheOrderOfTheParts) {
  const FakeKernelTypes types = kernel_6_1();
  for (const std::string keys : {"op,disk", "disk,op"}) {
    const std::string text = summary_of(keys, &types).text;
    EXPECT_TRUE(text.contains("struct line_key_t { struct by_disk_part by_disk; "
                              "struct by_op_part by_op; }"));
    EXPECT_TRUE(text.contains("{ by_disk_key(REQ, ENTRY, &(KEY)->by_disk); "
                              "by_op_key(REQ, ENTRY, &(KEY)->by_op); }"));
  }
}

TEST(ProgramConfig, ASummaryGoesOnWithTheKeysThatCanBeHad) {
  const ProgramConfig config = summary_of("disk,op", nullptr);
  EXPECT_EQ(config.warnings, Names{"the column disk is - here: this kernel has no BTF"});
  EXPECT_EQ(names_of(config), (Names{"queue", "by_op"}));
  FakeKernelTypes types = kernel_6_1();
  types.members.erase({"iomap_dio", "iocb"});
  const ProgramConfig without_files = summary_of("file,pid", &types);
  EXPECT_EQ(without_files.warnings,
            Names{"the column file is - here: the kernel's BTF has no iomap_dio.iocb"});
  EXPECT_EQ(without_files.key_size(), sizeof(by_pid_part));
}

TEST(ProgramConfig, ASummaryWithoutAKeyCannotBeHad) {
  for (const std::string keys : {"disk", "pid,comm", "disk,partition,file,cgroup"}) {
    const auto config =
        configure_program({}, {nullptr, true, ProgramFilter()}, *parse_summary_keys(keys));
    ASSERT_FALSE(config) << keys;
    EXPECT_EQ(config.error().message, "the summary cannot be had here: this kernel has no BTF");
  }
}

TEST(ProgramConfig, ErrorsAreNumberedAsTheKernelDoes) {
  const FakeKernelTypes v5_10 = kernel_5_10();
  const FakeKernelTypes v6_1 = kernel_6_1();
  const FakeKernelTypes v7_2 = kernel_7_2();
  EXPECT_EQ(configure("error", &v5_10).errors, ErrorNumbers::kErrno);
  EXPECT_EQ(configure("error", &v6_1).errors, ErrorNumbers::kBlkStatus);
  EXPECT_EQ(configure("error", &v7_2).errors, ErrorNumbers::kBlkStatus610);
}

TEST(ProgramConfig, WhyAColumnIsMissingIsWhatTheWarningSays) {
  const FakeKernelTypes types = kernel_6_1();
  const PartFacts with_btf = {&types, true};
  const PartFacts without = {nullptr, false};
  for (const Column* column : all_columns()) {
    EXPECT_EQ(why_missing(*column, with_btf), std::nullopt) << column->name;
    const auto config = configure_program({column}, without);
    ASSERT_TRUE(config) << column->name;
    const auto why = why_missing(*column, without);
    ASSERT_EQ(config->warnings.empty(), !why) << column->name;
    if (!why) continue;
    EXPECT_TRUE(config->warnings[0].ends_with(": " + *why)) << column->name;
  }
}

}  // namespace
}  // namespace disksnoop
