// Kernels as their BTF shows them, for what is decided from it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "program/kernel_types.h"

namespace disksnoop {

struct FakeKernelTypes : KernelTypes {
  using Name = std::pair<std::string, std::string>;

  std::set<Name> members;
  std::map<Name, std::uint64_t> enumerators;
  std::map<std::string, std::vector<std::string>> tracepoints;
  std::map<std::string, std::uint32_t, std::less<>> structs = {};    ///< their numbers
  std::map<std::string, std::uint32_t, std::less<>> functions = {};  ///< the same
  std::set<std::string> modules = {};  ///< whose types are among those above

  std::optional<MemberPlace> find_member(std::string_view struct_name,
                                         std::string_view member) const override {
    if (!members.contains(name(struct_name, member))) return std::nullopt;
    return MemberPlace{0, 8};
  }
  std::optional<std::uint64_t> enumerator(std::string_view enum_name,
                                          std::string_view wanted) const override {
    const auto found = enumerators.find(name(enum_name, wanted));
    return found != enumerators.end() ? std::optional(found->second) : std::nullopt;
  }
  std::optional<std::uint32_t> struct_number(std::string_view wanted) const override {
    const auto found = structs.find(wanted);
    return found != structs.end() ? std::optional(found->second) : std::nullopt;
  }
  std::optional<std::uint32_t> function_number(std::string_view wanted) const override {
    const auto found = functions.find(wanted);
    return found != functions.end() ? std::optional(found->second) : std::nullopt;
  }
  const KernelTypes* module(std::string_view wanted) const override {
    return modules.contains(std::string(wanted)) ? this : nullptr;
  }
  TracepointArguments raw_tracepoint_arguments(std::string_view wanted) const override {
    const auto found = tracepoints.find(std::string(wanted));
    return found != tracepoints.end() ? TracepointArguments(found->second) : std::nullopt;
  }

  static Name name(std::string_view a, std::string_view b) {
    return {std::string(a), std::string(b)};
  }
};

/// What the parts ask for, as 6.1 has it.
inline FakeKernelTypes kernel_6_1() {
  FakeKernelTypes types;
  types.members = {{"request_queue", "disk"}, {"block_device", "bd_partno"},
                   {"bio", "bi_iter"},        {"bio", "bi_io_vec"},
                   {"bio", "bi_blkg"},        {"kernfs_node", "parent"},
                   {"bio", "bi_bdev"},        {"block_device", "bd_super"},
                   {"iomap_dio", "iocb"},     {"bdev_inode", "vfs_inode"},
                   {"page", "compound_head"}, {"dentry", "d_u"},
                   {"task_struct", "comm"}};
  types.enumerators = {{{"req_flag_bits", "__REQ_META"}, 12}, {{"req_flag_bits", "__REQ_SWAP"}, 25},
                       {{"pageflags", "PG_locked"}, 0},       {{"pageflags", "PG_writeback"}, 15},
                       {{"pageflags", "PG_swapcache"}, 10},   {{"pageflags", "PG_swapbacked"}, 19}};
  types.tracepoints = {{"block_getrq", {"bio"}},
                       {"block_rq_complete", {"request", "unsigned char", "unsigned int"}}};
  return types;
}

inline FakeKernelTypes kernel_5_10() {
  FakeKernelTypes types = kernel_6_1();
  types.members.erase({"request_queue", "disk"});
  types.members.erase({"block_device", "bd_partno"});
  types.members.erase({"bio", "bi_bdev"});
  types.members.insert({"bio", "bi_disk"});
  types.members.insert({"request", "rq_disk"});
  types.members.insert({"hd_struct", "partno"});
  types.tracepoints = {{"block_getrq", {"request_queue", "bio", "int"}},
                       {"block_rq_complete", {"request", "int", "unsigned int"}}};
  return types;
}

/// The kernel 4.18.0-394 of RHEL and CentOS Stream 8, by its sources: requests as 5.10 has them,
/// but of the tracepoints those of requests have lost their queue already (as upstream in 5.11),
/// and those of bios have not.
inline FakeKernelTypes kernel_rhel_8() {
  FakeKernelTypes types = kernel_5_10();
  types.tracepoints["block_rq_issue"] = {"request"};
  types.tracepoints["block_rq_requeue"] = {"request"};
  types.tracepoints["block_bio_queue"] = {"request_queue", "bio"};
  types.enumerators[{"req_flag_bits", "__REQ_PREFLUSH"}] = 18;
  return types;
}

inline FakeKernelTypes kernel_7_2() {
  FakeKernelTypes types = kernel_6_1();
  types.members = {{"request_queue", "disk"}, {"block_device", "__bd_flags"},
                   {"bio", "bi_iter"},        {"bio", "bi_io_vec"},
                   {"bio", "bi_blkg"},        {"kernfs_node", "__parent"},
                   {"bio", "bi_bdev"},        {"block_device", "bd_holder_ops"},
                   {"iomap_dio", "iocb"},     {"bdev_inode", "vfs_inode"},
                   {"page", "compound_info"}, {"dentry", "d_alias"},
                   {"task_struct", "comm"}};
  return types;
}

}  // namespace disksnoop
