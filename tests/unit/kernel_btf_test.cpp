#include "program/kernel_btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <cstring>
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

TEST_F(KernelBtfTest, IsNotReadWhereTypesAreNotAligned) {
  std::string data = read_file(file_).value();
  btf_header header;
  std::memcpy(&header, data.data(), sizeof(header));
  header.hdr_len += 1;
  std::memcpy(data.data(), &header, sizeof(header));
  data.insert(sizeof(header), 1, '\0');
  const auto loaded = KernelBtf::load(directory_.write("damaged", data));
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.ends_with(": its types are not aligned"))
      << loaded.error().message;
}

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

/// Where the names begin in BTF, behind its header and the types.
std::size_t strings_of(const std::string& types) {
  std::uint32_t size = 0;
  std::memcpy(&size, types.data() + 12, sizeof(size));
  return 24 + size;
}

/// Asks all that the tool asks of BTF that may be damaged. Whatever comes of it: it comes.
void ask(const std::filesystem::path& file) {
  const auto types = KernelBtf::load(file);
  if (!types) {
    EXPECT_NE(types.error().message, "");
    return;
  }
  types->find_member("request", "no such member");
  types->find_member("request", "cmd_flags");
  types->enumerator("req_op", "REQ_OP_NONE");
  types->raw_tracepoint_arguments("block_rq_issue");
  types->raw_tracepoint_arguments("old");
  types->module(file.filename().string());
  const auto text = types->declare({"request", "request_queue"});
  if (!text) {
    EXPECT_TRUE(text.error().message.starts_with("the kernel's BTF has no struct request") ||
                text.error().message.starts_with("cannot write out the BTF in " + file.string() +
                                                 ", which may be damaged: "))
        << text.error().message;
  }
}

TEST_F(KernelBtfTest, DamagedAnywhereItIsAnErrorAtMost) {
  const auto whole = read_file(file_);
  ASSERT_TRUE(whole);
  for (std::size_t at = 24; at < strings_of(*whole); at += 4) {
    // A number far beyond, and that of another type.
    for (const char* number : {"\xff\xff\xff\x7f", "\x0a\0\0\0"}) {
      std::string damaged = *whole;
      damaged.replace(at, 4, number, 4);
      ask(directory_.write("damaged", damaged));
      if (HasFailure()) FAIL() << "damaged at " << at;
    }
  }
}

TEST_F(KernelBtfTest, OfDamagedBtfTheErrorSaysThatItMayBe) {
  const auto whole = read_file(file_);
  ASSERT_TRUE(whole);
  // The type of `struct request_queue *q`, which stands behind the name, offset and size of the
  // struct, and the name of the member.
  std::string damaged = *whole;
  const std::size_t strings = strings_of(damaged);
  const auto name =
      static_cast<std::uint32_t>(damaged.find(std::string("\0q\0", 3), strings) + 1 - strings);
  const std::string_view name_bytes(reinterpret_cast<const char*>(&name), sizeof(name));
  const std::size_t member = damaged.find(name_bytes, 24);
  ASSERT_LT(member, strings);
  damaged.replace(member + 4, 4, "\xff\xff\xff\x7f", 4);
  const auto loaded = KernelBtf::load(directory_.write("damaged", damaged));
  if (!loaded) return;  // libbpf from 1.3 on looks at the numbers of types itself
  const auto text = loaded->declare({"request"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message,
            "cannot write out the BTF in " + (directory_.path() / "damaged").string() +
                ", which may be damaged: its process died: Segmentation fault; --headers=kernel "
                "compiles without");
}

}  // namespace
}  // namespace disksnoop
