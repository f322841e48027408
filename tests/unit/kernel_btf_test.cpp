#include "program/kernel_btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "system/files.h"
#include "test_files.h"

namespace disksnoop {
namespace {

using Strings = std::vector<std::string>;

/// BTF of a small kernel, made up with libbpf:
///   typedef unsigned int blk_opf_t;
///   struct request_queue { int id; };
///   struct request {
///     struct request_queue *q;
///     union { struct { int tag; }; unsigned int internal; };
///     const blk_opf_t cmd_flags;
///   };
///   typedef void (*btf_trace_block_rq_issue)(void *, struct request *);
///   typedef void (*btf_trace_old)(void *, struct request_queue *, struct request *, int);
///   static void *bpf_rdonly_cast();
///   enum req_op { REQ_OP_READ, REQ_OP_DISCARD = 3, REQ_OP_NONE = -1 };
class KernelBtfTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::unique_ptr<btf, decltype(&btf__free)> types(btf__new_empty(), btf__free);
    btf* const t = types.get();
    const int integer = btf__add_int(t, "int", 4, BTF_INT_SIGNED);
    const int natural = btf__add_int(t, "unsigned int", 4, 0);
    const int flags = btf__add_const(t, btf__add_typedef(t, "blk_opf_t", natural));
    const int queue = btf__add_struct(t, "request_queue", 4);
    btf__add_field(t, "id", integer, 0, 0);
    const int queue_pointer = btf__add_ptr(t, queue);
    const int inner = btf__add_struct(t, nullptr, 4);
    btf__add_field(t, "tag", integer, 0, 0);
    const int either = btf__add_union(t, nullptr, 4);
    btf__add_field(t, nullptr, inner, 0, 0);
    btf__add_field(t, "internal", natural, 0, 0);
    const int request = btf__add_struct(t, "request", 16);
    btf__add_field(t, "q", queue_pointer, 0, 0);
    btf__add_field(t, nullptr, either, 64, 0);
    btf__add_field(t, "cmd_flags", flags, 96, 0);
    const int request_pointer = btf__add_ptr(t, request);
    const int void_pointer = btf__add_ptr(t, 0);
    const auto add_tracepoint = [&](const char* name, const std::vector<int>& parameters) {
      const int prototype = btf__add_func_proto(t, 0);
      for (const int parameter : parameters) btf__add_func_param(t, nullptr, parameter);
      btf__add_typedef(t, name, btf__add_ptr(t, prototype));
    };
    add_tracepoint("btf_trace_block_rq_issue", {void_pointer, request_pointer});
    add_tracepoint("btf_trace_old", {void_pointer, queue_pointer, request_pointer, integer});
    btf__add_typedef(t, "btf_trace_nothing", integer);
    btf__add_func(t, "bpf_rdonly_cast", BTF_FUNC_STATIC, btf__add_func_proto(t, void_pointer));
    btf__add_enum(t, "req_op", 4);
    btf__add_enum_value(t, "REQ_OP_READ", 0);
    btf__add_enum_value(t, "REQ_OP_DISCARD", 3);
    btf__add_enum_value(t, "REQ_OP_NONE", -1);

    std::uint32_t size = 0;
    const void* data = btf__raw_data(t, &size);
    file_ = directory_.write("vmlinux", {static_cast<const char*>(data), size});
  }

  KernelBtf load() const {
    auto loaded = KernelBtf::load(file_);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(*loaded);
  }

  TemporaryDirectory directory_;
  std::filesystem::path file_;
};

TEST_F(KernelBtfTest, MembersAlsoOfAnonymousParts) {
  const KernelBtf types = load();
  const auto expect_place = [&](const char* member, std::uint32_t offset, std::uint32_t size) {
    const auto place = types.find_member("request", member);
    ASSERT_TRUE(place) << member;
    EXPECT_EQ(place->offset, offset) << member;
    EXPECT_EQ(place->size, size) << member;
  };
  expect_place("q", 0, sizeof(void*));
  expect_place("tag", 8, 4);
  expect_place("internal", 8, 4);
  expect_place("cmd_flags", 12, 4);
  EXPECT_FALSE(types.find_member("request", "rq_disk"));
  EXPECT_FALSE(types.find_member("request", ""));
  EXPECT_FALSE(types.find_member("bio", "q"));
}

TEST_F(KernelBtfTest, ArgumentsOfRawTracepoints) {
  const KernelBtf types = load();
  EXPECT_EQ(types.raw_tracepoint_arguments("block_rq_issue"), Strings{"request"});
  EXPECT_EQ(types.raw_tracepoint_arguments("old"), (Strings{"request_queue", "request", "int"}));
  EXPECT_EQ(types.raw_tracepoint_arguments("nothing"), std::nullopt);
  EXPECT_EQ(types.raw_tracepoint_arguments("unknown"), std::nullopt);
}

/// A program names what the kernel has by the place of its description.
TEST_F(KernelBtfTest, NumbersOfStructsAndFunctions) {
  const KernelBtf types = load();
  EXPECT_EQ(types.struct_number("request_queue"), 5U);
  EXPECT_TRUE(types.struct_number("request"));
  EXPECT_TRUE(types.function_number("bpf_rdonly_cast"));
  EXPECT_FALSE(types.struct_number("bpf_rdonly_cast"));
  EXPECT_FALSE(types.function_number("request"));
}

TEST_F(KernelBtfTest, EnumeratorsByTheirEnum) {
  const KernelBtf types = load();
  EXPECT_EQ(types.enumerator("req_op", "REQ_OP_READ"), 0U);
  EXPECT_EQ(types.enumerator("req_op", "REQ_OP_DISCARD"), 3U);
  EXPECT_EQ(types.enumerator("req_op", "REQ_OP_NONE"), std::nullopt) << "no number of a kind";
  EXPECT_EQ(types.enumerator("req_op", "REQ_OP_WRITE"), std::nullopt);
  EXPECT_EQ(types.enumerator("req_op", ""), std::nullopt);
  EXPECT_EQ(types.enumerator("req_opf", "REQ_OP_READ"), std::nullopt) << "before 6.1";
  EXPECT_EQ(types.enumerator("request", "REQ_OP_READ"), std::nullopt) << "no enum";
}

TEST_F(KernelBtfTest, DeclaresAStructWithAllItContains) {
  const auto text = load().declare({"request"});
  ASSERT_TRUE(text) << text.error().message;
  for (const auto part : {"struct request {", "struct request_queue",
                          "typedef unsigned int blk_opf_t", "int tag;", "cmd_flags;"}) {
    EXPECT_NE(text->find(part), std::string::npos) << *text;
  }
}

TEST_F(KernelBtfTest, AStructThatTheKernelDoesNotHaveIsAnError) {
  const auto text = load().declare({"request", "bio"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "the kernel's BTF has no struct bio");
}

TEST_F(KernelBtfTest, WithoutAFileTheKernelHasNone) {
  const auto types = KernelBtf::load("/no/such/file");
  ASSERT_FALSE(types);
  EXPECT_EQ(types.error().message, "this kernel has no BTF (/no/such/file is missing)");
}

TEST_F(KernelBtfTest, AFileThatIsNoBtfIsAnError) {
  const auto types = KernelBtf::load(directory_.write("text", "this is no BTF, but text\n"));
  ASSERT_FALSE(types);
  EXPECT_NE(types.error().message.find("cannot use the BTF"), std::string::npos);
}

TEST_F(KernelBtfTest, AnEmptyFileIsAnError) {
  EXPECT_FALSE(KernelBtf::load(directory_.write("empty", "")));
}

TEST_F(KernelBtfTest, CutOffAnywhereItIsAnError) {
  const auto whole = read_file(file_);
  ASSERT_TRUE(whole);
  for (std::size_t size = 0; size < whole->size(); ++size) {
    const auto types = KernelBtf::load(directory_.write("cut", whole->substr(0, size)));
    ASSERT_FALSE(types) << size << " of " << whole->size() << " bytes";
    EXPECT_NE(types.error().message.find("cannot use the BTF in"), std::string::npos)
        << types.error().message;
  }
}

}  // namespace
}  // namespace disksnoop
