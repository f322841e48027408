// The kernel's symbol files: what they say of a function follows from single lines.
#include "original/kernel_symbols.h"

#include <array>
#include <map>

#include "fuzz.h"

namespace disksnoop {
namespace {

constexpr std::array<std::string_view, 6> kWanted = {
    "blk_account_io_start",  "__blk_account_io_start", "blk_account_io_done",
    "__blk_account_io_done", "blk_mq_start_request",   "a.cold.1"};

/// Between the three files of an input.
constexpr char kNextFile = '\f';

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::string_view word;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(" \t\v\f\r", at);
    if (begin == std::string_view::npos) break;
    at = std::min(line.find_first_of(" \t\v\f\r", begin), line.size());
    words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

/// Whether the word of this place is `name` in any line.
bool is_in(std::string_view file, std::size_t place, std::string_view name) {
  for (const std::string_view line : pieces_of(file, '\n')) {
    const auto words = words_of(line);
    if (words.size() > place && words[place] == name) return true;
  }
  return false;
}

Result<std::string> file_of(const std::vector<std::string_view>& files, std::size_t number) {
  if (number >= files.size()) return fail("no such file");
  return std::string(files[number]);
}

void check_states(const SymbolFiles& files) {
  const SymbolStates states = check_symbols(files, kWanted);
  require(states.size() == kWanted.size(), "each name has a state");
  const SymbolFiles without_blacklist = {files.kallsyms, fail("none"),
                                         files.available_filter_functions};
  const SymbolStates more = check_symbols(without_blacklist, kWanted);
  for (const auto& [name, state] : states) {
    require(is_fit(describe(state)) && !describe(state).empty(), "a state is told");
    if (files.kallsyms) {
      require((state == SymbolState::kAbsent) == !is_in(*files.kallsyms, 2, name),
              "absent is what is not in kallsyms", name);
    }
    if (state == SymbolState::kProbeable) {
      require(more.at(name) == state, "a blacklist makes nothing probeable", name);
      require(!files.blacklist || !is_in(*files.blacklist, 1, name), "it is not blacklisted", name);
      require(
          !files.available_filter_functions || is_in(*files.available_filter_functions, 0, name),
          "it is traceable", name);
    }
    if (state == SymbolState::kBlacklisted) {
      require(is_in(*files.blacklist, 1, name), "it is in the blacklist", name);
    }
  }
}

}  // namespace
}  // namespace disksnoop

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace disksnoop;
  const auto files = pieces_of(text_of(data, size), kNextFile);
  check_states({file_of(files, 0), file_of(files, 1), file_of(files, 2)});
  check_states({fail("none"), file_of(files, 1), file_of(files, 2)});
  return 0;
}
