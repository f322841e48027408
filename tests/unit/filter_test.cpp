#include "request/filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace disksnoop {
namespace {

using enum OperationClass;
using Operations = std::vector<OperationClass>;

TEST(ParseOperations, TakesNamesWithCommas) {
  EXPECT_EQ(*parse_operations("read"), Operations{kRead});
  EXPECT_EQ(*parse_operations("write,discard,flush,other,read"),
            (Operations{kWrite, kDiscard, kFlush, kOther, kRead}));
}

TEST(ParseOperations, TellsWhatThereIs) {
  for (const std::string list : {"", "reed", "read,", ",read", "Read", "read write"}) {
    const auto operations = parse_operations(list);
    ASSERT_FALSE(operations) << list;
    EXPECT_TRUE(
        operations.error().message.ends_with("'; there are read, write, discard, flush, other"))
        << operations.error().message;
  }
}

TEST(ParseComm, TakesWhatTheKernelKeeps) {
  EXPECT_EQ(*parse_comm("a b"), "a b");
  EXPECT_EQ(*parse_comm("123456789012345"), "123456789012345");
  EXPECT_FALSE(parse_comm(""));
  const auto longer = parse_comm("1234567890123456");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message, "the kernel keeps 15 bytes of a name: '123456789012345'");
}

TEST(ParsePid, IsANumberThatAProcessCanHave) {
  EXPECT_EQ(parse_pid("1"), 1U);
  EXPECT_EQ(parse_pid("4194304"), 4194304U);
  for (const std::string text : {"", "0", "-1", "4194305", "1.5", "0x10", "self"}) {
    EXPECT_EQ(parse_pid(text), std::nullopt) << text;
  }
}

TEST(OperationClass, IsThatOfTheOperationWhateverItsFlags) {
  for (const auto& [letters, is] : {std::pair<std::string, OperationClass>{"R", kRead},
                                    {"RAM", kRead},
                                    {"W", kWrite},
                                    {"FWFS", kWrite},
                                    {"WZ", kWrite},
                                    {"ZA", kWrite},
                                    {"D", kDiscard},
                                    {"DE", kDiscard},
                                    {"F", kFlush},
                                    {"FS", kFlush},
                                    {"FF", kFlush},
                                    {"ZR", kOther},
                                    {"ZRA", kOther},
                                    {"N", kOther},
                                    {"FN", kOther}}) {
    EXPECT_EQ(class_of(Operation(letters)), is) << letters;
  }
}

Request a_request() {
  Request request;
  request.latency_ns = 1'000'000;
  request.pid = 42;
  request.comm = "fio";
  request.operation = Operation("WS");
  request.type = 'W';
  request.disk = "sda";
  request.partition = "sda1";
  request.cgroup = "/a/b";
  request.error = "EIO";
  return request;
}

TEST(Fits, WithoutAFilterAnythingDoes) {
  EXPECT_TRUE(fits(Request(), {}));
  EXPECT_TRUE(fits(a_request(), {}));
}

TEST(Fits, OneOfTheValuesOfAKindIsEnough) {
  const Request request = a_request();
  EXPECT_TRUE(fits(request, {.disks = {"sdb", "/dev/sda"}}));
  EXPECT_TRUE(fits(request, {.disks = {"sda1"}}));
  EXPECT_FALSE(fits(request, {.disks = {"sdb", "sda2"}}));
  EXPECT_TRUE(fits(request, {.pids = {1, 42}}));
  EXPECT_FALSE(fits(request, {.pids = {1}}));
  EXPECT_TRUE(fits(request, {.comms = {"fio", "dd"}}));
  EXPECT_FALSE(fits(request, {.comms = {"fi"}}));
  EXPECT_TRUE(fits(request, {.operations = {kRead, kWrite}}));
  EXPECT_FALSE(fits(request, {.operations = {kRead}}));
}

TEST(Fits, ADiskMayHaveASlashInItsName) {
  Request request;
  request.disk = "cciss/c0d0";
  EXPECT_TRUE(fits(request, {.disks = {"cciss/c0d0"}}));
  EXPECT_TRUE(fits(request, {.disks = {"/dev/cciss/c0d0"}}));
  EXPECT_FALSE(fits(request, {.disks = {"c0d0"}}));
}

TEST(Fits, ACgroupIsItselfAndAllBelow) {
  const Request request = a_request();
  for (const std::string group : {"/a/b", "/a/b/", "/a", "/a/", "/", "a"}) {
    EXPECT_TRUE(fits(request, {.cgroups = {group}})) << group;
  }
  for (const std::string group : {"/a/b/c", "/a/bc", "/b", "b"}) {
    EXPECT_FALSE(fits(request, {.cgroups = {group}})) << group;
  }
  EXPECT_FALSE(fits(Request(), {.cgroups = {"/"}}));
}

TEST(Fits, ATimeIsTheLeastThatDoes) {
  const Request request = a_request();
  EXPECT_TRUE(fits(request, {.min_ns = 1'000'000}));
  EXPECT_FALSE(fits(request, {.min_ns = 1'000'001}));
  EXPECT_TRUE(fits(request, {.min_ns = 0}));
  EXPECT_FALSE(fits(Request(), {.min_ns = 0}));
}

TEST(Fits, OneKindThatDoesNotIsEnough) {
  Filter filter = {.disks = {"sda"},
                   .pids = {42},
                   .comms = {"fio"},
                   .cgroups = {"/a"},
                   .operations = {kWrite},
                   .min_ns = 1,
                   .errors = true};
  EXPECT_TRUE(fits(a_request(), filter));
  Request without_error = a_request();
  without_error.error = "";
  EXPECT_FALSE(fits(without_error, filter));
  filter.pids = {43};
  EXPECT_FALSE(fits(a_request(), filter));
}

TEST(Fits, WithoutAnOperationTheTypeDoes) {
  Request request;
  request.type = 'R';
  EXPECT_TRUE(fits(request, {.operations = {kRead}}));
  EXPECT_FALSE(fits(request, {.operations = {kWrite}}));
  request.type = 'M';
  EXPECT_FALSE(fits(request, {.operations = {kRead, kWrite, kDiscard, kFlush, kOther}}));
}

TEST(NotToldBy, IsTheOptionWhoseColumnIsNotThere) {
  const Columns usual = usual_columns();
  EXPECT_EQ(not_told_by(usual, {}), "");
  EXPECT_EQ(not_told_by(usual, {.operations = {kRead}, .min_ns = 1}), "");
  EXPECT_EQ(not_told_by(usual, {.operations = {kRead, kDiscard}}), "--op");
  EXPECT_EQ(not_told_by(usual, {.disks = {"sda"}}), "--disk");
  EXPECT_EQ(not_told_by(usual, {.pids = {1}}), "--pid");
  EXPECT_EQ(not_told_by(usual, {.comms = {"dd"}}), "--comm");
  EXPECT_EQ(not_told_by(usual, {.cgroups = {"/"}}), "--cgroup");
  EXPECT_EQ(not_told_by(usual, {.errors = true}), "--errors");
  EXPECT_EQ(not_told_by(*parse_columns("disk"), {.min_ns = 1}), "--min-ms");
  const Filter all = {.disks = {"sda"},
                      .pids = {1},
                      .comms = {"dd"},
                      .cgroups = {"/"},
                      .operations = {kOther},
                      .min_ns = 1,
                      .errors = true};
  EXPECT_EQ(not_told_by(all_columns(), all), "");
}

}  // namespace
}  // namespace disksnoop
