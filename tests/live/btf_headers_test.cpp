// The headers made from this kernel's BTF: what clang makes of them, and what
// the verifier says of the programs that are compiled with them.
#include <gtest/gtest.h>

#include "block_rq_driver.h"
#include "layout.h"
#include "programs.h"

namespace disksnoop::testing {
namespace {

class BtfHeaders : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_not_here()) GTEST_SKIP() << *why;
  }

  /// Compiles with headers made from BTF for what `program` needs.
  static Result<BccSession> compile(const std::string& program, std::string& messages) {
    const auto headers = find_headers(Headers::kBtf, program, kernel_btf(), Root());
    if (!headers) return std::unexpected(headers.error());
    BccSession::Source source = headers->source_of(program);
    source.engine = Engine::kOriginal;
    return BccSession::compile(source, messages);
  }
};

TEST_F(BtfHeaders, TheVerifierTakesBothFunctionsOfTheOriginalProgram) {
  std::string messages;
  auto session = compile(std::string(kOriginalProgram), messages);
  ASSERT_TRUE(session) << session.error().message << "\n" << messages;
  for (const char* function : {"trace_start", "trace_completion"}) {
    const auto loaded = session->load(function, messages);
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << messages;
  }
}

/// Every field that one of the two programs reads, as this kernel has them.
std::vector<Field> fields_read(const KernelBtf& btf) {
  std::vector<Field> fields = {{"request", "__data_len"},    {"request", "cmd_flags"},
                               {"request", "start_time_ns"}, {"request", "state"},
                               {"request", "ref"},           {"request", "q"},
                               {"gendisk", "disk_name"}};
  fields.push_back(btf.find_member("request", "rq_disk") ? Field{"request", "rq_disk"}
                                                         : Field{"request_queue", "disk"});
#ifdef __x86_64__
  fields.push_back({"pt_regs", "di"});  // the first argument of a kprobed function
  fields.push_back({"pt_regs", "si"});
#endif
  return fields;
}

TEST_F(BtfHeaders, ClangLaysOutEveryFieldAsTheKernelDoes) {
  const auto btf = kernel_btf();
  ASSERT_TRUE(btf);
  std::string program = "#include <linux/blk-mq.h>\n";
  for (const Field& field : fields_read(*btf)) {
    const auto place = btf->find_member(field.in_struct, field.name);
    ASSERT_TRUE(place) << field.in_struct << "." << field.name;
    program += assertion(field, *place);
  }
  std::string messages;
  EXPECT_TRUE(compile(program, messages)) << messages;
}

TEST_F(BtfHeaders, AnotherLayoutIsNoticed) {
  const auto btf = kernel_btf();
  ASSERT_TRUE(btf);
  MemberPlace wrong = *btf->find_member("request", "__data_len");
  wrong.offset += 4;
  std::string messages;
  EXPECT_FALSE(compile("#include <linux/blk-mq.h>\n" + assertion({"request", "__data_len"}, wrong),
                       messages));
  EXPECT_NE(messages.find("offset of request.__data_len"), std::string::npos) << messages;
}

TEST_F(BtfHeaders, TheIssueTracepointHasARequest) {
  const auto arguments = kernel_btf()->raw_tracepoint_arguments("block_rq_issue");
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->back(), "request");
}

}  // namespace
}  // namespace disksnoop::testing
