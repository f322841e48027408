// Files for tests: the recorded ones of tests/data, and trees made up in a
// directory that goes away with the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "original/kernel_symbols.h"

namespace disksnoop {

/// The text of tests/data/PATH; a file that is not there is an error of the
/// test itself.
inline std::string test_data(const std::string& path) {
  std::ifstream file(std::string(DISKSNOOP_TEST_DATA) + "/" + path, std::ios::binary);
  if (!file) throw std::runtime_error("no test data " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The symbol files of one of the kernels in tests/data/kernels.
inline SymbolFiles kernel_symbol_files(const std::string& release) {
  const std::string directory = "kernels/" + release + "/";
  return {test_data(directory + "kallsyms"), test_data(directory + "blacklist"),
          test_data(directory + "available_filter_functions")};
}

/// Like kernel/files.h's error for a file that is not there.
inline std::unexpected<Error> no_file(std::string_view path) {
  return fail("cannot read " + std::string(path) + ": No such file or directory");
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "disksnoop-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file, and the directories above it; `name` may begin with "/".
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const std::filesystem::path file = path_ / std::filesystem::path(name).relative_path();
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace disksnoop
