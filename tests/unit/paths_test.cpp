#include "tracepoint/paths.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace disksnoop {
namespace {

using Names = std::vector<std::string>;

/// As the program sends it: the last name first.
std::vector<std::byte> record_of(const path_key& key, unsigned flags, const Names& names) {
  std::string text;
  for (const std::string& name : names) text += name + '\0';
  path_t head = {};
  head.key = key;
  head.flags = flags;
  head.size = static_cast<unsigned>(text.size());
  std::vector<std::byte> record(offsetof(path_t, names) + text.size());
  std::memcpy(record.data(), &head, offsetof(path_t, names));
  std::memcpy(record.data() + offsetof(path_t, names), text.data(), text.size());
  return record;
}

std::string path(unsigned flags, const Names& names) {
  return path_of(record_of({}, flags, names));
}

TEST(PathOf, TheLastNameComesFirst) {
  EXPECT_EQ(path(PATH_FROM_ROOT, {"name"}), "/name");
  EXPECT_EQ(path(PATH_FROM_ROOT, {"name", "sub", "dir"}), "/dir/sub/name");
}

TEST(PathOf, TheRootItselfHasNoNames) { EXPECT_EQ(path(PATH_FROM_ROOT, {}), "/"); }

TEST(PathOf, WhatIsMissingAtTheBeginningIsShown) {
  EXPECT_EQ(path(0, {"name", "sub"}), ".../sub/name");
}

TEST(PathOf, ADeletedFileIsMarked) {
  EXPECT_EQ(path(PATH_FROM_ROOT | PATH_DELETED, {"name", "dir"}), "/dir/name (deleted)");
  EXPECT_EQ(path(PATH_DELETED, {"name", "dir"}), ".../dir/name (deleted)");
}

TEST(PathOf, AnythingButASlashCanBeInAName) {
  EXPECT_EQ(path(PATH_FROM_ROOT, {"\n\xff ", "a b"}), "/a b/\n\xff ");
}

TEST(PathOf, WithoutAnyNameNothingIsKnown) {
  EXPECT_EQ(path(0, {}), "");
  EXPECT_EQ(path(PATH_DELETED, {}), "");
}

TEST(PathOf, WhatABufferAddsToTheEndIsNotRead) {
  auto record = record_of({}, PATH_FROM_ROOT, {"name"});
  record.insert(record.end(), 8, std::byte{'x'});
  EXPECT_EQ(path_of(record), "/name");
}

TEST(PathOf, ARecordCutShortIsNone) {
  const auto whole = record_of({}, PATH_FROM_ROOT, {"name", "dir"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // Memory of its own, so that a sanitizer sees what is read beyond.
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_EQ(path_of(cut), "") << size;
  }
}

TEST(Paths, AreFoundUnderTheirWholeKey) {
  Paths paths;
  const path_key key{.object = 1, .number = 2, .generation = 3};
  paths.add(record_of(key, PATH_FROM_ROOT, {"name"}));
  EXPECT_EQ(paths.find(key), "/name");
  EXPECT_EQ(paths.find({.object = 9, .number = 2, .generation = 3}), "");
  EXPECT_EQ(paths.find({.object = 1, .number = 9, .generation = 3}), "");
  EXPECT_EQ(paths.find({.object = 1, .number = 2, .generation = 9}), "");
}

TEST(Paths, NoObjectHasNone) {
  Paths paths;
  paths.add(record_of({}, PATH_FROM_ROOT, {"name"}));
  EXPECT_EQ(paths.find({}), "");
}

TEST(Paths, ANewPathTakesThePlaceOfTheOldOne) {
  Paths paths;
  const path_key key{.object = 1, .number = 2, .generation = 3};
  paths.add(record_of(key, PATH_FROM_ROOT, {"before"}));
  EXPECT_EQ(paths.find(key), "/before");
  paths.add(record_of(key, PATH_FROM_ROOT, {"after"}));
  EXPECT_EQ(paths.find(key), "/after");
}

TEST(Paths, ARecordTooShortForAKeyIsIgnored) {
  Paths paths;
  const auto record = record_of({1, 2, 3}, PATH_FROM_ROOT, {"name"});
  paths.add(std::span(record).first(offsetof(path_t, key) + sizeof(path_key) - 1));
  EXPECT_EQ(paths.find({1, 2, 3}), "");
}

class Generations : public ::testing::Test {
 protected:
  static path_key key(std::uint64_t object) { return {object, 0, 0}; }

  void add(std::uint64_t object) {
    paths_.add(record_of(key(object), PATH_FROM_ROOT, {std::to_string(object)}));
  }

  /// As many others as make a generation.
  void add_others() {
    for (std::size_t i = 0; i < Paths::kMost / 2; ++i) add(next_++);
  }

  Paths paths_;
  std::uint64_t next_ = 1000;
};

TEST_F(Generations, WhatIsNotNamedIsForgotten) {
  add(1);
  add_others();
  add_others();
  add_others();
  EXPECT_EQ(paths_.find(key(1)), "");
  EXPECT_EQ(paths_.find(key(next_ - 1)), "/" + std::to_string(next_ - 1)) << "but not the last";
}

TEST_F(Generations, OneGenerationIsKept) {
  add(1);
  add_others();
  EXPECT_EQ(paths_.find(key(1)), "/1");
}

TEST_F(Generations, WhatIsNamedStays) {
  add(1);
  for (int i = 0; i < 5; ++i) {
    add_others();
    EXPECT_EQ(paths_.find(key(1)), "/1") << i;
  }
}

TEST_F(Generations, AnOldPathDoesNotComeBack) {
  add(1);
  add_others();
  paths_.add(record_of(key(1), PATH_FROM_ROOT, {"new"}));
  EXPECT_EQ(paths_.find(key(1)), "/new");
  add_others();
  EXPECT_EQ(paths_.find(key(1)), "/new");
}

}  // namespace
}  // namespace disksnoop
