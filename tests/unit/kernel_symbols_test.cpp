#include "original/kernel_symbols.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "test_files.h"

namespace disksnoop {
namespace {

/// Only kallsyms says something: every function is traceable as far as it is
/// known, and the blacklist is empty.
SymbolState state_in(const std::string& kallsyms, std::string_view name) {
  const SymbolFiles files{kallsyms, "", no_file("available_filter_functions")};
  return check_symbols(files, std::vector{name}).find(name)->second;
}

SymbolState state_on(const std::string& release, std::string_view name) {
  return check_symbols(kernel_symbol_files(release), std::vector{name}).find(name)->second;
}

TEST(KernelSymbols, Debian11HasTheCompletionThatTheOriginalProbes) {
  const std::string release = "5.10.0-32-amd64";
  EXPECT_EQ(state_on(release, "blk_start_request"), SymbolState::kAbsent);
  EXPECT_EQ(state_on(release, "blk_mq_start_request"), SymbolState::kProbeable);
  EXPECT_EQ(state_on(release, "__blk_account_io_done"), SymbolState::kAbsent);
  EXPECT_EQ(state_on(release, "blk_account_io_done"), SymbolState::kProbeable);
  EXPECT_EQ(state_on(release, "blk_mq_end_request"), SymbolState::kProbeable);
}

TEST(KernelSymbols, LaterKernelsHaveItButCannotTraceIt) {
  for (const std::string release : {"6.1.0-50-amd64", "6.12.107+deb13-amd64"}) {
    EXPECT_EQ(state_on(release, "blk_start_request"), SymbolState::kAbsent) << release;
    EXPECT_EQ(state_on(release, "blk_mq_start_request"), SymbolState::kProbeable) << release;
    EXPECT_EQ(state_on(release, "__blk_account_io_done"), SymbolState::kAbsent) << release;
    EXPECT_EQ(state_on(release, "blk_account_io_done"), SymbolState::kNotTraceable) << release;
    EXPECT_EQ(state_on(release, "blk_mq_end_request"), SymbolState::kProbeable) << release;
  }
}

TEST(KernelSymbols, OtherSymbolsOfARealKernel) {
  const std::string release = "5.10.0-32-amd64";
  EXPECT_EQ(state_on(release, "__irqentry_text_start"), SymbolState::kIrqSection);
  EXPECT_EQ(state_on(release, "blk_update_request.cold"), SymbolState::kExcludedName);
  EXPECT_EQ(state_on(release, "perf_trace_block_rq"), SymbolState::kExcludedName);
  EXPECT_EQ(state_on(release, "__SCT__tp_func_block_rq_issue"), SymbolState::kExcludedName);
  EXPECT_EQ(state_on(release, "blk_timeout_mask"), SymbolState::kNotFunction);
  EXPECT_EQ(state_on(release, "numa_add_memblk_to"), SymbolState::kInitSection);
}

TEST(KernelSymbols, TypeMustBeTextOrWeak) {
  EXPECT_EQ(state_in("ffff0 t f\n", "f"), SymbolState::kProbeable);
  EXPECT_EQ(state_in("ffff0 T f\n", "f"), SymbolState::kProbeable);
  EXPECT_EQ(state_in("ffff0 w f\n", "f"), SymbolState::kProbeable);
  EXPECT_EQ(state_in("ffff0 W f\n", "f"), SymbolState::kProbeable);
  for (const char type : std::string("dDbBrRaAvVuU")) {
    EXPECT_EQ(state_in(std::string("ffff0 ") + type + " f\n", "f"), SymbolState::kNotFunction)
        << type;
  }
}

TEST(KernelSymbols, NamesMatchAsAWhole) {
  EXPECT_EQ(state_in("0 T blk_account_io_done.part.0\n", "blk_account_io_done"),
            SymbolState::kAbsent);
  EXPECT_EQ(state_in("0 T __blk_account_io_done\n", "blk_account_io_done"), SymbolState::kAbsent);
  EXPECT_EQ(state_in("0 T blk_account_io_done\n", "blk_account_io"), SymbolState::kAbsent);
}

TEST(KernelSymbols, ModuleSymbolsCount) {
  EXPECT_EQ(state_in("0 t nvme_pci_complete_rq\t[nvme]\n", "nvme_pci_complete_rq"),
            SymbolState::kProbeable);
}

TEST(KernelSymbols, InitSectionIsOutAndLookedForOnce) {
  const std::string kallsyms = "0 T before\n"
                               "0 D __init_begin\n"
                               "0 t inside\n"
                               "0 D __init_end\n"
                               "0 t after\n"
                               "0 D __init_begin\n"
                               "0 t much_later\n";
  EXPECT_EQ(state_in(kallsyms, "before"), SymbolState::kProbeable);
  EXPECT_EQ(state_in(kallsyms, "inside"), SymbolState::kInitSection);
  EXPECT_EQ(state_in(kallsyms, "after"), SymbolState::kProbeable);
  EXPECT_EQ(state_in(kallsyms, "much_later"), SymbolState::kProbeable);
}

TEST(KernelSymbols, IrqSectionIsOut) {
  const std::string kallsyms = "0 T before\n"
                               "0 T __irqentry_text_start\n"
                               "0 T inside\n"
                               "0 T __irqentry_text_end\n"
                               "0 T after\n";
  EXPECT_EQ(state_in(kallsyms, "before"), SymbolState::kProbeable);
  EXPECT_EQ(state_in(kallsyms, "__irqentry_text_start"), SymbolState::kIrqSection);
  EXPECT_EQ(state_in(kallsyms, "inside"), SymbolState::kIrqSection);
  EXPECT_EQ(state_in(kallsyms, "__irqentry_text_end"), SymbolState::kIrqSection);
  EXPECT_EQ(state_in(kallsyms, "after"), SymbolState::kProbeable);
}

TEST(KernelSymbols, EmptyIrqSectionMayHaveItsEndFirst) {
  const std::string kallsyms = "0 T __irqentry_text_end\n"
                               "0 T __irqentry_text_start\n"
                               "0 T after\n";
  EXPECT_EQ(state_in(kallsyms, "after"), SymbolState::kProbeable);
}

TEST(KernelSymbols, NamesThatCannotBeProbed) {
  for (const std::string name :
       {"_kbl_addr_f", "__perf_event_read", "__perfect", "perf_event_read", "__SCT__cond_resched",
        "f.cold", "f.cold.1", "f.cold.1234", "f.isra.0.cold"}) {
    EXPECT_EQ(state_in("0 t " + name + "\n", name), SymbolState::kExcludedName) << name;
  }
  for (const std::string name : {"bpf_perf_event_read", "perfect", "f.colder", "f.cold.",
                                 "f.cold.x", "f.cold.1x", "cold", "f__SCT__", "kbl_addr_f"}) {
    EXPECT_EQ(state_in("0 t " + name + "\n", name), SymbolState::kProbeable) << name;
  }
}

TEST(KernelSymbols, OneProbeablePlaceOfSeveralIsEnough) {
  EXPECT_EQ(state_in("0 d f\n0 t f\n", "f"), SymbolState::kProbeable);
  EXPECT_EQ(state_in("0 t f\n0 d f\n", "f"), SymbolState::kProbeable);
}

TEST(KernelSymbols, BlacklistWinsOverKallsyms) {
  const SymbolFiles files{"0 t f\n0 t g\n", "0xffff0-0xffff8\tf\n", "f\ng\n"};
  const SymbolStates states = check_symbols(files, std::vector<std::string_view>{"f", "g", "h"});
  EXPECT_EQ(states.at("f"), SymbolState::kBlacklisted);
  EXPECT_EQ(states.at("g"), SymbolState::kProbeable);
  EXPECT_EQ(states.at("h"), SymbolState::kAbsent);
}

TEST(KernelSymbols, OnlyTraceableFunctionsCanBeProbed) {
  const SymbolFiles files{"0 t f\n0 t g\n0 t mod_f\n", "", "f\nmod_f [mod]\ngg\n"};
  const SymbolStates states =
      check_symbols(files, std::vector<std::string_view>{"f", "g", "mod_f"});
  EXPECT_EQ(states.at("f"), SymbolState::kProbeable);
  EXPECT_EQ(states.at("g"), SymbolState::kNotTraceable);
  EXPECT_EQ(states.at("mod_f"), SymbolState::kProbeable);
}

TEST(KernelSymbols, AFileThatCannotBeReadDecidesNothing) {
  const std::vector<std::string_view> wanted = {"f", "g"};
  const SymbolFiles no_kallsyms{no_file("kallsyms"), "", "f\n"};
  EXPECT_EQ(check_symbols(no_kallsyms, wanted).at("f"), SymbolState::kProbeable);
  EXPECT_EQ(check_symbols(no_kallsyms, wanted).at("g"), SymbolState::kNotTraceable);

  const SymbolFiles no_blacklist{"0 t f\n", no_file("blacklist"), "f\n"};
  EXPECT_EQ(check_symbols(no_blacklist, wanted).at("f"), SymbolState::kProbeable);

  const SymbolFiles no_available{"0 t f\n", "", no_file("available_filter_functions")};
  EXPECT_EQ(check_symbols(no_available, wanted).at("f"), SymbolState::kProbeable);
  EXPECT_EQ(check_symbols(no_available, wanted).at("g"), SymbolState::kAbsent);

  const SymbolFiles nothing{no_file("a"), no_file("b"), no_file("c")};
  EXPECT_EQ(check_symbols(nothing, wanted).at("f"), SymbolState::kAbsent);
}

TEST(KernelSymbols, OddLinesAreNoMatch) {
  EXPECT_EQ(state_in("", "f"), SymbolState::kAbsent);
  EXPECT_EQ(state_in("\n\n   \n0\n0 t\nf\n", "f"), SymbolState::kAbsent);
  EXPECT_EQ(state_in("0 t f", "f"), SymbolState::kProbeable) << "no newline at the end";
}

TEST(KernelSymbols, EachStateIsDescribedInItsOwnWords) {
  std::set<std::string_view> texts;
  for (const SymbolState state :
       {SymbolState::kProbeable, SymbolState::kAbsent, SymbolState::kNotFunction,
        SymbolState::kInitSection, SymbolState::kIrqSection, SymbolState::kExcludedName,
        SymbolState::kBlacklisted, SymbolState::kNotTraceable}) {
    EXPECT_FALSE(describe(state).empty());
    EXPECT_TRUE(texts.insert(describe(state)).second) << describe(state);
  }
}

}  // namespace
}  // namespace disksnoop
