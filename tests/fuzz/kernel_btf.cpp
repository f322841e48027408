// BTF of any bytes: each question has an answer, and the header tree is made or an error.
#include "program/kernel_btf.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "fuzz.h"
#include "program/header_tree.h"

namespace disksnoop {
namespace {

/// One file for all inputs, in memory.
class File {
 public:
  File() : fd_(::memfd_create("btf", MFD_CLOEXEC)) {}

  std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", fd_); }

  void fill(std::string_view bytes) const {
    const bool filled = ::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, bytes.data(), bytes.size(), 0) ==
                                                        static_cast<ssize_t>(bytes.size());
    require(filled, "the file takes an input");
  }

 private:
  int fd_;
};

void ask(const KernelTypes& types) {
  for (const std::string_view name : {"request", "bio", "task_struct", "request_queue"}) {
    const auto number = types.struct_number(name);
    for (const std::string_view member : {"q", "tag", "cmd_flags", "__data_len", "none"}) {
      const auto place = types.find_member(name, member);
      require(number || !place, "a member is of a struct that is there");
    }
  }
  types.function_number("bpf_rdonly_cast");
  for (const std::string_view name : {"REQ_OP_DISCARD", "__REQ_FUA", ""}) {
    types.enumerator("req_op", name);
    types.enumerator("req_flag_bits", name);
  }
  for (const std::string_view name : {"block_rq_issue", "block_rq_complete", "old"}) {
    const auto arguments = types.raw_tracepoint_arguments(name);
    require(!arguments || arguments->size() < 65536, "a tracepoint has its arguments");
  }
}

void declare(const KernelBtf& types) {
  const ProgramNeeds needs = {{"linux/blk-mq.h"}, {"request"}};
  const auto text = types.declare(needs.structs);
  if (!text) {
    require(!text.error().message.empty() && !text.error().message.contains('\n'),
            "an error is a line", text.error().message);
    return;
  }
  require(types.struct_number("request").has_value(), "what is declared is there");
  const HeaderTree tree = make_header_tree(needs, *text, {4096, 0x60100});
  require(std::ranges::any_of(tree, [&](const auto& file) { return file.second.contains(*text); }),
          "the declarations are in the tree");
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  static const File file;
  file.fill(text_of(data, size));
  const auto types = KernelBtf::load(file.path());
  if (!types) {
    require(!types.error().message.empty(), "an error says why");
    return 0;
  }
  ask(*types);
  // The same bytes as those of a module, which go on with the numbers of the kernel.
  if (const KernelTypes* module = types->module(file.path().filename().string())) ask(*module);
  // They are made by a process of its own, which takes longer than all else: of few inputs.
  if (std::accumulate(data, data + size, 0U) % 64 == 0) declare(*types);
  return 0;
}
